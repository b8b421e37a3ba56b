type Child = Node | string | undefined;
type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** An element with attributes and children. Strings become text, never markup, wherever they come from. */
export function element<K extends keyof HTMLElementTagNameMap>(tag: K, attributes?: Attributes, ...children: readonly Child[]): HTMLElementTagNameMap[K];
export function element(tag: string, attributes?: Attributes, ...children: readonly Child[]): HTMLElement;
export function element(tag: string, attributes: Attributes = {}, ...children: readonly Child[]): HTMLElement {
  return fill(document.createElement(tag), attributes, children);
}

/** The same for SVG. */
export function svg<K extends keyof SVGElementTagNameMap>(tag: K, attributes: Attributes = {}, ...children: readonly Child[]): SVGElementTagNameMap[K] {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);
}

function fill<E extends Element>(node: E, attributes: Attributes, children: readonly Child[]): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) node.setAttribute(name, '');
    else if (value !== undefined && value !== false) node.setAttribute(name, String(value));
  }
  node.append(...children.filter((child) => child !== undefined));
  return node;
}

/** A definition list of labels and values; rows without a value are left out. */
export function definitions(rows: readonly (readonly [label: string, value: Child])[]): HTMLElement {
  return element('dl', {}, ...rows.filter(([, value]) => value !== undefined).flatMap(([label, value]) => [element('dt', {}, label), element('dd', {}, value)]));
}

/** A table with a caption and a header row. Sentences, and words that no line can hold, such as digests, get room of their own; the latter are broken. */
export function table(caption: string, headers: readonly string[], rows: readonly (readonly string[])[]): HTMLTableElement {
  const cell = (value: string): HTMLElement => element('td', { class: /\S{30}|.{50}/.test(value) ? 'long' : undefined }, value);
  return element('table', {},
    element('caption', {}, caption),
    element('thead', {}, element('tr', {}, ...headers.map((header) => element('th', { scope: 'col' }, header)))),
    element('tbody', {}, ...rows.map((row) => element('tr', {}, ...row.map(cell)))));
}
