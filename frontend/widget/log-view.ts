// The messages on the screen: one element per row, changed only where its row has changed, and a place in the scroll
// that stays where the reader left it.
//
// The log itself is no live region, or a screen reader would read the whole history; what is new is said by the
// announcer beside it (`panel.ts`).
import { button, el, icon } from './kit.ts';
import { splitLinks } from './links.ts';
import { Say } from './locale/strings.ts';
import type { Strings } from './locale/strings.ts';
import type { Row } from './rows.ts';

/** Nearer to the end than this counts as being there. */
const NEAR_PX = 48;
/** Nearer to the beginning than this asks for what is older. */
const OLDER_PX = 240;

/** A row on the screen, with the key of what it shows. */
export type Drawn = HTMLElement & { _key?: string };

export interface LogViewOptions {
  _older(): void;
  _retry(clientId: string): void;
  _remove(clientId: string): void;
  /** The reader has come to the end. */
  _atEnd(): void;
  /** A line was added that tells what happened. */
  _happened(text: string): void;
}

export function logView({ _older, _retry, _remove, _atEnd, _happened }: LogViewOptions) {
  const scroll = el('div', 'log', { role: 'log', 'aria-live': 'off', tabindex: '0' });
  const down = button('down', () => {
    follow();
    scroll.focus();
  });
  let drawn = new Map<string, { node: Drawn; as: string }>();
  let strings: Strings;
  /** The newest message is in sight. */
  let following = true;
  /** The history is here: what comes now is new. */
  let settled: boolean | undefined;

  const keep = () => {
    if (following) scroll.scrollTop = scroll.scrollHeight;
  };
  /** Goes to the end and stays there. */
  const follow = () => {
    following = true;
    keep();
    _atEnd();
  };
  scroll.onscroll = () => {
    const { scrollTop, scrollHeight, clientHeight } = scroll;
    if (!clientHeight) return;
    const was = following;
    following = scrollHeight - scrollTop - clientHeight < NEAR_PX;
    down.hidden = following;
    if (following && !was) _atEnd();
    if (scrollTop < OLDER_PX) _older();
  };
  // The keyboard of a phone or a growing field takes room: the end stays in sight.
  new ResizeObserver(keep).observe(scroll);

  const face = (name: string) => el('span', 'face', { 'aria-hidden': 'true' }, [...name][0]!);

  const contents = ({ kind, text, own, first, name, meta = [], failed, clientId }: Row): Node[] => {
    if (kind === 'typing') return [face(name!), el('div', 'bubble', {}, el('span', 'sr', {}, text), el('i'), el('i'), el('i'))];
    if (kind !== 'bubble') return [el('span', '', { dir: 'auto' }, text)];
    const bubble = el('div', 'bubble', { dir: 'auto' });
    for (const { text: shown, href, host } of splitLinks(text)) {
      bubble.append(href ? el('a', '', { dir: 'auto', href, target: '_blank', rel: 'noreferrer nofollow' }, host ? `${shown} (${host})` : shown) : shown);
    }
    const under = meta.map((part) => el('span', '', {}, part));
    if (failed) {
      under.push(button('text', () => _retry(clientId!), strings[Say.tryAgain]), button('text', () => _remove(clientId!), strings[Say.remove]));
    }
    const nodes: Node[] = [el('span', 'sr', {}, name + ': '), bubble];
    if (!own && first) nodes.push(face(name!));
    if (under[0]) nodes.push(el('div', 'meta', {}, ...under));
    return nodes;
  };

  return {
    _node: el('div', 'middle', {}, scroll, down),
    _follow: follow,
    _following: () => following,

    _speak(given: Strings) {
      strings = given;
      drawn.clear();
      scroll.replaceChildren();
      scroll.ariaLabel = strings[Say.log];
      down.ariaLabel = strings[Say.latest];
      settled = false;
    },

    /** `loading`: these rows are not all yet; `unread`: so many unread messages are further down. */
    _draw(rows: Row[], loading: boolean, unread: number) {
      const top = scroll.scrollTop;
      // What the reader looks at stays where it is, whatever comes before it.
      const anchor = following ? undefined : [...scroll.querySelectorAll<HTMLElement>('.bubble-row')].find((node) => node.offsetTop + node.offsetHeight > top);
      const from = anchor?.offsetTop ?? 0;
      const now: typeof drawn = new Map();
      let next = scroll.firstChild;
      for (const row of rows) {
        const { key, kind, text, own, first, failed } = row;
        const known = drawn.get(key);
        const as = JSON.stringify(row);
        const node: Drawn = known?.node ?? el('div');
        if (known?.as !== as) {
          node.replaceChildren(...contents(row));
          node._key = key;
          node.className = `${kind}-row${own ? ' own' : ''}${first ? ' first' : ''}${failed ? ' failed' : ''}${!known && settled ? ' new' : ''}`;
        }
        if (!known && settled && !loading && kind === 'event') _happened(text);
        now.set(key, { node, as });
        if (node === next) next = node.nextSibling;
        else scroll.insertBefore(node, next);
      }
      drawn.forEach(({ node }, key) => now.has(key) || node.remove());
      drawn = now;
      settled = !loading;
      down.replaceChildren((unread || '') as string, icon('M7 10l5 5 5-5'));
      down.hidden = following;
      if (anchor?.parentNode) scroll.scrollTop += anchor.offsetTop - from;
      keep();
      // A page that does not fill the view has no scroll event to ask for the next one.
      if (scroll.clientHeight && scroll.scrollTop < OLDER_PX) _older();
    },
  };
}
