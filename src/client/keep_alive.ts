/**
 * When a client sends PINGREQ, and when it gives the server up (MQTT 5 section 3.1.2.10).
 *
 * Owns the times of one connection. The clock is passed in; whoever has timers calls `check` when
 * `nextCheckMs` says. Silence in either direction is a reason to ask: a server that takes everything
 * and answers nothing is gone too.
 */

export type KeepAliveAction =
  | "wait"
  /** PINGREQ is to be sent now. */
  | "ping"
  /** The last PINGREQ was not answered in time. */
  | "dead";

export class KeepAlive {
  readonly #intervalMs: number;
  #sentMs: number;
  #receivedMs: number;
  /** When the PINGREQ was sent that is not answered yet. */
  #pingMs: number | undefined;

  /** `seconds`: what holds for the connection; 0 turns it off. */
  constructor(seconds: number, nowMs: number) {
    this.#intervalMs = seconds === 0 ? Infinity : seconds * 1000;
    this.#sentMs = this.#receivedMs = nowMs;
  }

  /** Packets went to the server. */
  sent(nowMs: number): void {
    this.#sentMs = nowMs;
  }

  /** Packets came from the server. */
  received(nowMs: number): void {
    this.#receivedMs = nowMs;
  }

  /** PINGRESP came. */
  answered(): void {
    this.#pingMs = undefined;
  }

  /** When the next `check` has something to do, if nothing else happens; Infinity: never. */
  get nextCheckMs(): number {
    return (this.#pingMs ?? Math.min(this.#sentMs, this.#receivedMs)) + this.#intervalMs;
  }

  /** What is to be done now; "ping" counts as done. */
  check(nowMs: number): KeepAliveAction {
    if (nowMs < this.nextCheckMs) return "wait"; // [MQTT-3.1.2-20]
    if (this.#pingMs !== undefined) return "dead";
    this.#pingMs = nowMs;
    return "ping";
  }
}
