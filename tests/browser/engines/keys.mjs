// Keys as WebDriver names them, in both of its languages.

/** The return key. */
export const ENTER = '\uE007';

/** The control key. */
export const CONTROL = '\uE009';
