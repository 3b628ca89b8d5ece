// A list of which only the rows on the screen are in the document: ten thousand steps scroll like ten.
import type { ComponentChildren, JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

/** Rows above and below the screen that are drawn, too. */
const SPARE = 8;

interface VirtualListProps {
  readonly count: number;
  /** Pixels of a row; all are equally high. */
  readonly rowHeight: number;
  /** The row that is kept in view; -1 for none. */
  readonly current: number;
  readonly label: string;
  readonly row: (index: number) => ComponentChildren;
}

/** Rows of one height, drawn where they are seen. */
export function VirtualList({ count, rowHeight, current, label, row }: VirtualListProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);
  useLayoutEffect(() => {
    const { current: element } = box;
    if (element === null) return undefined;
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useLayoutEffect(() => {
    const { current: element } = box;
    if (element === null || current < 0) return;
    const at = current * rowHeight;
    if (at < element.scrollTop) element.scrollTop = at;
    else if (at + rowHeight > element.scrollTop + element.clientHeight)
      element.scrollTop = at + rowHeight - element.clientHeight;
  }, [current, rowHeight, count, height]);
  const first = Math.max(0, Math.floor(top / rowHeight) - SPARE);
  const end = Math.min(count, Math.ceil((top + height) / rowHeight) + SPARE);
  const rows = Array.from({ length: Math.max(0, end - first) }, (_, i) => first + i);
  return (
    <div
      class="virtual"
      ref={box}
      role="list"
      aria-label={label}
      tabIndex={0}
      onScroll={({ currentTarget }) => setTop(currentTarget.scrollTop)}
    >
      <svg class="spacer" aria-hidden="true" width="1" height={count * rowHeight} />
      <div class="rows">
        <svg class="spacer-above" aria-hidden="true" width="1" height={first * rowHeight} />
        {rows.map((index) => (
          <div key={index} role="listitem" aria-setsize={count} aria-posinset={index + 1} class="item">
            {row(index)}
          </div>
        ))}
      </div>
    </div>
  );
}
