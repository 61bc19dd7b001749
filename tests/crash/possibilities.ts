/**
 * What the broker may hold of one thing: a retained message, a subscription, a session.
 *
 * Every change that is sent makes one more state possible, for it may or may not have been done
 * when the broker is killed; every acknowledgement rules out what was before its change. Owns no
 * rule of MQTT. Invariant: changes are done in the order in which they were sent, so that what is
 * possible is the state after some of the first of them, at least the acknowledged ones; after a
 * crash, `interrupt` makes each of these states one to start from.
 */

/** Names one change, from `apply` to `acknowledge`. */
export type ChangeNumber = number;

interface Layer<State> {
  /** The change that leads here from the layer before. */
  readonly change: ChangeNumber;
  readonly states: readonly State[];
}

export class Possibilities<State> {
  /** The oldest first; the first one is what is certain to have been reached. */
  #layers: Layer<State>[];
  #lastChange: ChangeNumber = 0;

  constructor(initial: State) {
    this.#layers = [{ change: 0, states: [initial] }];
  }

  /** Everything that is possible, the oldest first; the same state may come more than once. */
  get states(): State[] {
    return this.#layers.flatMap(({ states }) => states);
  }

  /** A change was sent. */
  apply(change: (state: State) => State): ChangeNumber {
    const number = ++this.#lastChange;
    const last = this.#layers.at(-1) as Layer<State>;
    this.#layers.push({ change: number, states: last.states.map(change) });
    return number;
  }

  /** The change was acknowledged: it is done, and so is every one before it. */
  acknowledge(change: ChangeNumber): void {
    this.#layers = this.#layers.filter((layer) => layer.change >= change);
  }

  /** The broker was killed: what was sent and not done by now never will be. */
  interrupt(): void {
    this.#layers = [{ change: this.#lastChange, states: this.states }];
  }

  /**
   * The broker was seen in a state for which `matches` holds. False when that was not possible;
   * then the broker is taken to be in the state `otherwise` from here on. Whatever was sent before
   * has been done by now, or never will be.
   */
  observe(matches: (state: State) => boolean, otherwise: State): boolean {
    const states = this.states.filter(matches);
    const wasPossible = states.length > 0;
    this.#layers = [{ change: this.#lastChange, states: wasPossible ? states : [otherwise] }];
    return wasPossible;
  }
}
