// Elements without markup: nothing here parses text as HTML, so nothing a person writes can become an element, and
// the strictest content policies and Trusted Types have nothing to forbid.

type Child = Node | string;

/** An element with a class and children. */
export function el<K extends keyof HTMLElementTagNameMap>(tag: K, name = '', ...children: Child[]): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  if (name) node.className = name;
  node.append(...children);
  return node;
}

/** Sets attributes. */
export function attr<E extends Element>(node: E, attributes: Record<string, string>): E {
  for (const name in attributes) node.setAttribute(name, attributes[name]!);
  return node;
}

/** A 24 by 24 line drawing that says nothing to a screen reader. */
export function icon(...paths: string[]): SVGElement {
  const make = <K extends keyof SVGElementTagNameMap>(tag: K) => document.createElementNS('http://www.w3.org/2000/svg', tag);
  const svg = attr(make('svg'), { viewBox: '0 0 24 24', 'aria-hidden': 'true' });
  svg.append(...paths.map((d) => attr(make('path'), { d })));
  return svg;
}

/** Style rules for a shadow tree, by a constructed sheet, which needs no `style-src`. */
export function adopt(root: ShadowRoot, css: string): void {
  if ('adoptedStyleSheets' in root) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  } else (root as ShadowRoot).append(el('style', '', css));
}
