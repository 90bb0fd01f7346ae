// A field in which an input method composes: what it leaves there, and when it last did.
import type { Ref } from 'vue';

export function useComposition(field: Readonly<Ref<HTMLTextAreaElement | null>>, text: Ref<string>) {
  let endedAt = 0;
  /** What stood in the field when it began. */
  let before: string | undefined;

  function begin() {
    before = text.value;
  }

  /**
   * While it composes, Vue leaves the field alone: a reply that has gone meanwhile still stands there. Hears of the end before Vue does,
   * which takes what stands there for the text.
   */
  function end() {
    endedAt = performance.now();
    const element = field.value;
    const was = before;
    before = undefined;
    if (!element || was === undefined || was === text.value || !element.value.startsWith(was)) return;
    element.value = text.value + element.value.slice(was.length);
  }

  /** Milliseconds since the last end. */
  const since = () => performance.now() - endedAt;

  return { begin, end, since };
}
