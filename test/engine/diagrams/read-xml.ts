// XML documents as a parser reads them that is not ours: jsdom's, which refuses what is not well-formed.
import { createRequire } from 'node:module';

/** What the tests ask of an element. */
export interface XmlElement {
  readonly tagName: string;
  readonly textContent: string;
  readonly children: Iterable<XmlElement>;
  getAttribute(name: string): string | null;
  getAttributeNS(namespace: string, name: string): string | null;
  querySelectorAll(selector: string): Iterable<XmlElement>;
  querySelector(selector: string): XmlElement | null;
  getElementsByTagNameNS(namespace: string, name: string): Iterable<XmlElement>;
}

// jsdom brings no types; those of the DOM would come with everything else of a browser. It takes a while to load, so it waits for who asks.
interface Jsdom {
  readonly JSDOM: new (
    text: string,
    options: { readonly contentType: string },
  ) => { readonly window: { readonly document: { readonly documentElement: XmlElement } } };
}
const require = createRequire(import.meta.url);

/** The root element of a document. Throws where it is not well-formed. */
export function parsedXml(text: string): XmlElement {
  const { JSDOM } = require('jsdom') as Jsdom;
  return new JSDOM(text, { contentType: 'application/xml' }).window.document.documentElement;
}
