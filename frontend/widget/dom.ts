// Elements without markup: nothing here parses text as HTML, so nothing a person writes can become an element, and
// the strictest content policies and Trusted Types have nothing to forbid.

type Child = Node | string;

/** An element with attributes and children. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** A 24 by 24 line drawing that says nothing to a screen reader. */
export function icon(...paths: string[]): SVGElement {
  const make = (tag: string, attributes: Record<string, string>) => {
    const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    return node;
  };
  const svg = make('svg', { viewBox: '0 0 24 24', 'aria-hidden': 'true' }) as SVGElement;
  svg.append(...paths.map((d) => make('path', { d })));
  return svg;
}

/** Style rules for a shadow tree, by a constructed sheet, which needs no `style-src`. */
export function adopt(root: ShadowRoot, css: string): void {
  if ('adoptedStyleSheets' in root) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  } else (root as ShadowRoot).append(el('style', {}, css));
}
