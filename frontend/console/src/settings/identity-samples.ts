// Code that signs who a visitor is, to be copied: for the site's server, and for its pages (docs/widget.md).

/** For Node with `jsonwebtoken`. The secret is named, not shown: code ends up in repositories. */
export const SERVER_SAMPLE = `import jwt from 'jsonwebtoken';

const token = jwt.sign(
  {
    aud: 'bellhop/identity',
    sub: String(user.id),
    name: user.name,
    email: user.email,
    level: user.isVip ? 1 : 0,
  },
  process.env.BELLHOP_IDENTITY_SECRET,
  { algorithm: 'HS256', expiresIn: '1h' },
);`;

/** The page may say it before the widget has come. */
export const PAGE_SAMPLE = `<script>
  window.Bellhop = window.Bellhop || function () {
    (Bellhop.q = Bellhop.q || []).push(arguments);
  };
  Bellhop('identify', { token: '…' });
</script>`;
