// What is drawn on the round button: a bubble while the chat is closed, an arrow that closes it while it is open.

export const BUBBLE = 'M4 12a8 7.5 0 1 1 3 6l-4 1.5 1.5-3.5zM8.5 10.5h7M8.5 14h4.5';
export const ARROW = 'M6 9.5l6 6 6-6';
