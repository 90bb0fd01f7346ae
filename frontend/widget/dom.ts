// Elements without markup: nothing here parses text as HTML, so nothing a person writes can become an element, and
// the strictest content policies and Trusted Types have nothing to forbid.

type Child = Node | string;

/** An element with a class, attributes and children. */
export function el<K extends keyof HTMLElementTagNameMap>(tag: K, name = '', attributes: Record<string, string> = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const node = attr(document.createElement(tag), attributes);
  node.className = name;
  node.append(...children);
  return node;
}

/** Sets attributes. */
export function attr<E extends Element>(node: E, attributes: Record<string, string>): E {
  for (const name in attributes) node.setAttribute(name, attributes[name]!);
  return node;
}

/** A button. (Its type says submit, but no form is around it.) */
export function button(name: string, run: () => void, ...children: Child[]): HTMLButtonElement {
  const node = el('button', name, {}, ...children);
  node.onclick = run;
  return node;
}

/** A 24 by 24 line drawing, for a button that has a label. */
export function icon(path: string): SVGElement {
  const make = <K extends keyof SVGElementTagNameMap>(tag: K, attributes: Record<string, string>) => attr(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes);
  const svg = make('svg', { viewBox: '0 0 24 24' });
  svg.append(make('path', { d: path }));
  return svg;
}
