// Two short tones, made by WebAudio: no file to load. Browsers allow it only after the page has been touched once.

let context: AudioContext | undefined;

const SOON_MS = 500;
/** What comes at once, as after a cut, rings once. */
const PAUSE_MS = 1_000;
let rungAt = -Infinity;

function tone(audio: AudioContext, frequency: number, start: number, seconds: number): void {
  const oscillator = audio.createOscillator();
  const gain = audio.createGain();
  oscillator.type = 'sine';
  oscillator.frequency.value = frequency;
  gain.gain.setValueAtTime(0, start);
  gain.gain.linearRampToValueAtTime(0.12, start + 0.015);
  gain.gain.exponentialRampToValueAtTime(0.0005, start + seconds);
  oscillator.connect(gain).connect(audio.destination);
  oscillator.start(start);
  oscillator.stop(start + seconds);
}

/** Plays the sound of a new message, as far as the browser lets us. */
export async function playBell(): Promise<void> {
  try {
    context ??= new AudioContext();
    // Until the page has been touched, resuming waits for that: a bell that rings only then would be a lie.
    if (context.state !== 'running') await Promise.race([context.resume(), new Promise((done) => setTimeout(done, SOON_MS))]);
    if ((context.state as AudioContextState) !== 'running') return;
    const now = performance.now();
    if (now - rungAt < PAUSE_MS) return;
    rungAt = now;
    tone(context, 1174.66, context.currentTime, 0.35);
    tone(context, 1567.98, context.currentTime + 0.09, 0.6);
  } catch {
    // A page without audio still counts in its title.
  }
}
