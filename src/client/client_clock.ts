/**
 * Time as a client sees it. Tests have another one.
 *
 * Owns nothing.
 */

export interface ClientClock {
  /** Milliseconds since some moment; never goes back. */
  nowMs(): number;
  /** Calls `action` once, after `delayMs`; the result cancels that. */
  after(delayMs: number, action: () => void): () => void;
}

export const SYSTEM_CLOCK: ClientClock = {
  nowMs: () => performance.now(),
  after(delayMs, action) {
    const timer = setTimeout(action, delayMs);
    return () => clearTimeout(timer);
  },
};
