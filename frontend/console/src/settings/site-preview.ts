// The widget itself as a picture: its own elements, texts and style sheets, without a line to anybody. So it shows what a
// visitor will see, and no second drawing of it has to follow the first.

import { composer } from '../../../widget/composer';
import { textOn } from '../../../widget/color';
import * as dom from '../../../widget/dom';
import { borrow } from '../../../widget/kit';
import { ARROW, BUBBLE } from '../../../widget/launcher-icons';
import { strings as english } from '../../../widget/locale/en';
import { Say } from '../../../widget/locale/strings';
import { strings as chinese } from '../../../widget/locale/zh-CN';
import { logView } from '../../../widget/log-view';
import { panel } from '../../../widget/panel';
import CHAT_CSS from '../../../widget/style/chat.css?inline';
import LAUNCHER_CSS from '../../../widget/style/launcher.css?inline';

export interface SiteLook {
  name: string;
  greeting: string;
  color: string;
  /** A locale of the widget's. */
  locale: string;
}

/** It fills its frame, not the screen; and a reader of it sees no movement. */
const FRAME_CSS = `
  .box { inset: 16px; display: flex; align-items: flex-end; justify-content: flex-end; }
  .panel { position: absolute; inset: 0 0 72px !important; width: auto; height: auto; border-radius: 16px; }
  * { animation: none !important; transition: none !important; }
`;

const nothing = () => {};

/** Draws it below `host`; gives what shows another look. */
export function drawPreview(host: HTMLElement): (look: SiteLook) => void {
  borrow(dom);
  const root = host.attachShadow({ mode: 'open' });
  const log = logView({ _older: nothing, _retry: nothing, _remove: nothing, _atEnd: nothing, _happened: nothing });
  const field = composer({ _send: nothing, _input: nothing }, '');
  const options = { _close: nothing, _leave: nothing, _instead: nothing, _act: nothing, _composing: () => false };
  const chat = panel(options, log._node, field._node, nothing);
  const button = dom.button('launcher', nothing, dom.icon(BUBBLE), dom.icon(ARROW), dom.el('span', 'badge'));
  const box = dom.el('div', 'box', { dir: 'ltr' }, button, chat._node);
  root.adoptedStyleSheets = [LAUNCHER_CSS, CHAT_CSS, FRAME_CSS].map((css) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    return sheet;
  });
  root.append(box);
  chat._node.open = true;
  chat._place('');
  button.ariaExpanded = 'true';

  return ({ name, greeting, color, locale }) => {
    const strings = locale === 'zh-CN' ? chinese : english;
    const title = name || strings[Say.title];
    box.style.setProperty('--brand', color);
    box.style.setProperty('--on', textOn(color) || '#fff');
    chat._speak(strings, locale);
    log._speak(strings);
    field._speak(strings);
    chat._head(title, strings[Say.nobodyHere], undefined, false, true);
    chat._line(undefined);
    log._draw([{ key: 'greeting', kind: 'bubble', text: greeting || strings[Say.greeting], name: title, first: true }], false, 0);
  };
}
