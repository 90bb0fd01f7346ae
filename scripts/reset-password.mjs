// `make reset-password EMAIL=owner@example.com`: a link that works once, for an owner who is locked out. Without URL=
// for the server of `make start`, with it for a deployment that this machine has made.
import { asked } from './lib/asked.mjs';
import { Failure, main } from './lib/run.mjs';

await main(async () => {
  const { EMAIL: email, URL: deployed } = process.env;
  if (!email) throw new Failure('Whose password? make reset-password EMAIL=owner@example.com');
  const { answer } = await asked(deployed, 'reset_password', { email }).catch((error) => {
    throw error.status === 404 ? new Failure(`${error.url} knows no ${email}.`) : error;
  });
  console.log(`${answer.link}\n\nIt works once, until ${answer.expires_at}. Open it in a browser and choose a new password.`);
});
