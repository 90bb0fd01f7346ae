// A link that works once and is shown once.

export interface OneTimeLink {
  /** For whom. */
  name: string;
  url: string;
  expiresAt: string;
  purpose: 'invitation' | 'reset';
}
