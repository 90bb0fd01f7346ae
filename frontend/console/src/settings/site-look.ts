// The colours of sites that have none of their own.

/** What a new site begins with. */
export const NEW_COLOR = '#0b6b6b';
/** What the widget takes where none is set (`launcher.css`). */
export const WIDGET_COLOR = '#2d4fd7';
