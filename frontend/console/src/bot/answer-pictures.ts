// Deleting the pictures of answers themselves, which past conversations still show.
import { asProblem } from '../api/problem';
import { pictures } from '../api/routes';

/** Whether one stays, because another answer shows it. Somebody else may have deleted it already; any other problem is thrown. */
export async function deletePictures(hashes: readonly string[]): Promise<boolean> {
  let stays = false;
  for (const hash of hashes) {
    await pictures.remove(hash).catch((error: unknown) => {
      const { code } = asProblem(error);
      if (code === 'conflict') stays = true;
      else if (code !== 'not_found') throw error;
    });
  }
  return stays;
}
