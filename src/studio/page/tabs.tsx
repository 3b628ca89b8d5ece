// Tabs, as the ARIA Authoring Practices have them: arrows move, the chosen one has the focus.
import type { ComponentChildren, JSX } from 'preact';
import { wide } from './store.ts';

interface TabsProps<T extends string> {
  readonly label: string;
  readonly names: Readonly<Record<T, string>>;
  readonly chosen: T;
  readonly choose: (name: T) => void;
  /** Which part of the page this is: a button gives it most of the width. */
  readonly part: 'middle' | 'right';
  readonly children: ComponentChildren;
}

/** A row of tabs and the panel of the chosen one. */
export function Tabs<T extends string>({ label, names, chosen, choose, part, children }: TabsProps<T>): JSX.Element {
  const all = Object.keys(names) as T[];
  const move = (by: number): void => {
    const next = all[(all.indexOf(chosen) + by + all.length) % all.length];
    if (next === undefined) return;
    choose(next);
    document.querySelector<HTMLElement>(`#tab-${next}`)?.focus();
  };
  return (
    <section class="tabs" aria-label={label}>
      <div class="tabrow">
        <div role="tablist" aria-label={label}>
          {all.map((name) => (
            <button
              key={name}
              type="button"
              role="tab"
              id={`tab-${name}`}
              aria-selected={name === chosen}
              aria-controls={`panel-${label.replaceAll(' ', '-')}`}
              tabIndex={name === chosen ? 0 : -1}
              onClick={() => choose(name)}
              onKeyDown={({ key }) => {
                if (key === 'ArrowRight') move(1);
                if (key === 'ArrowLeft') move(-1);
              }}
            >
              {names[name]}
            </button>
          ))}
        </div>
        <button
          type="button"
          class="wider"
          aria-pressed={wide.value === part}
          onClick={() => {
            wide.value = wide.value === part ? null : part;
          }}
        >
          wide
        </button>
      </div>
      <div
        role="tabpanel"
        id={`panel-${label.replaceAll(' ', '-')}`}
        aria-labelledby={`tab-${chosen}`}
        class="panel"
        tabIndex={0}
      >
        {children}
      </div>
    </section>
  );
}
