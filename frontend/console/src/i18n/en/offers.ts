// Conversations that ring at an agent.

export const offers = {
  stack: 'Incoming conversations',
  title: 'Incoming conversation',
  window: 'Incoming conversation · Bellhop console',
  announced: 'Incoming conversation from {name}: {text}',
  notice: 'Incoming conversation from {name}',
  left: '{n} s',
  accept: 'Accept',
  decline: 'Decline',
  accepted: 'The conversation with {name} is yours. What you have begun here stays as it is.',
  open: 'Open',
  missed: 'You did not answer two conversations, so you are away now.',
  come_back: 'Come back online',
};
