/**
 * A client with a delayed Will that takes its session up, leaves it silently, ends it in each of the
 * ways there are; and what may have become of session and Will.
 *
 * Owns one set of possibilities: the session that the broker may hold, and the Wills that it may have
 * published. No Will ever comes because its delay is over: that is longer than any run. It comes when
 * the session ends [MQTT-3.1.3-9], and never when the client came back before.
 */

import type { PublishPacket, Will } from "../../src/protocol/packet.ts";
import { asBytes, asText } from "../support/packet_text.ts";
import type { Random } from "../simulation/random.ts";
import type { Findings } from "./findings.ts";
import type { Ground } from "./ground.ts";
import { Peer } from "./peer.ts";
import { Possibilities } from "./possibilities.ts";

/** Seconds; the end of the session comes first. */
const WILL_DELAY_INTERVAL = 86_400;

/** Number of a Will that there is not. */
const NO_WILL = 0;

interface State {
  /** The session is stored. */
  readonly isPresent: boolean;
  /** It was when the client came back last. */
  readonly wasPresent: boolean;
  /** The Will that waits for its time, or `NO_WILL`. */
  readonly will: number;
  /** Numbers of the Wills that were published since the last look, in order. */
  readonly published: readonly number[];
}

const NEVER_SEEN: State = { isPresent: false, wasPresent: false, will: NO_WILL, published: [] };

/** How Wills are looked at: the client comes back, or ends its session. */
type Look = "resuming" | "ending";

export class Visitor {
  readonly client: Peer;
  readonly willTopic: string;
  readonly #findings: Findings;
  readonly #session = new Possibilities<State>(NEVER_SEEN);
  #lastWill = NO_WILL;
  /** Wills that have arrived since the last look. */
  #arrived: number[] = [];

  constructor(ground: Ground, findings: Findings, clientIdentifier: string) {
    this.#findings = findings;
    this.willTopic = `crash/will/${clientIdentifier}`;
    this.client = new Peer(ground, findings, { clientIdentifier, version: 5 });
  }

  /** Whoever subscribes to `willTopic` has got a Will. */
  delivered(packet: PublishPacket): void {
    this.#arrived.push(Number(asText(packet.payload)));
  }

  /** The broker was killed. */
  interrupt(): void {
    this.#session.interrupt();
  }

  /** Connects in one of four ways, waits for the CONNACK, and is gone again. */
  async visit(random: Random): Promise<void> {
    const way = random.below(6);
    if (way === 0) await this.#endSession();
    else if (way === 1) await this.#pass();
    else await this.#resume(++this.#lastWill);
    if (way === 2) await this.#disconnectForGood();
    else await this.client.leave("silently");
  }

  /** Makes the broker show what it holds: whether there is a session, or which Will it publishes. */
  async look(look: Look): Promise<void> {
    if (look === "ending") await this.#endSession();
    else await this.#resume(NO_WILL);
    await this.client.leave("DISCONNECT");
  }

  /** Everything that was published has arrived: compares the Wills with what is possible. */
  check(): void {
    const arrived = this.#arrived;
    this.#arrived = [];
    this.#findings.checked.wills++;
    this.#observe(
      "Will not as acknowledged",
      ({ published }) => published.join() === arrived.join(),
      { published: arrived },
    );
    this.#session.acknowledge(this.#session.apply((state) => ({ ...state, published: [] })));
  }

  /** Comes back, with a new Will or without one. The Will before, if any, is not published. */
  async #resume(will: number): Promise<void> {
    const change = this.#session.apply(({ isPresent, published }) => ({
      isPresent: true,
      wasPresent: isPresent,
      will,
      published,
    }));
    const isPresent = await this.client.connect({
      cleanStart: false,
      isDurable: true,
      ...(will === NO_WILL ? {} : { will: this.#willOf(will) }),
    });
    this.#session.acknowledge(change);
    this.#observePresent(isPresent);
  }

  #willOf(number: number): Will {
    return {
      topicName: this.willTopic,
      payload: asBytes(String(number)),
      qos: 2,
      retain: false,
      properties: { willDelayInterval: WILL_DELAY_INTERVAL },
    };
  }

  /** The Will that waits, if any, is published. */
  async #endSession(): Promise<void> {
    const change = this.#session.apply(({ wasPresent, will, published }) => ({
      isPresent: false,
      wasPresent,
      will: NO_WILL,
      published: will === NO_WILL ? published : [...published, will],
    }));
    await this.client.connect({ cleanStart: true, isDurable: false });
    this.#session.acknowledge(change);
  }

  /** Comes back for this connection only: the session ends with it, and no Will is published. */
  async #pass(): Promise<void> {
    const change = this.#session.apply(({ isPresent, published }) => ({
      isPresent: false,
      wasPresent: isPresent,
      will: NO_WILL,
      published,
    }));
    const isPresent = await this.client.connect({ cleanStart: false, isDurable: false });
    this.#session.acknowledge(change);
    this.#observePresent(isPresent);
  }

  /** Gives up session and Will with DISCONNECT. It has been done if the next CONNACK comes. */
  async #disconnectForGood(): Promise<void> {
    this.#session.apply((state) => ({ ...state, isPresent: false, will: NO_WILL }));
    await this.client.disconnectForGood();
  }

  #observePresent(isPresent: boolean): void {
    this.#findings.checked.sessions++;
    this.#observe(
      "session not as acknowledged",
      ({ wasPresent }) => wasPresent === isPresent,
      { wasPresent: isPresent },
    );
  }

  /** `seen` is what is known of the state now, if it turns out to be one that could not be. */
  #observe(
    kind: "session not as acknowledged" | "Will not as acknowledged",
    matches: (state: State) => boolean,
    seen: Partial<State>,
  ): void {
    const possible = this.#session.states;
    const otherwise = { ...possible.at(-1) as State, ...seen };
    if (this.#session.observe(matches, otherwise)) return;
    const sentence = `${this.client.clientIdentifier} is seen with ${describe(otherwise)}, ` +
      `not with ${[...new Set(possible.map(describe))].join(" or ")}`;
    this.#findings.add(kind, sentence);
  }
}

function describe({ isPresent, wasPresent, will, published }: State): string {
  const session = isPresent ? "a session" : "no session";
  const before = wasPresent ? "known before" : "new";
  const waiting = will === NO_WILL ? "" : `, Will ${will}`;
  return `${session} (${before}${waiting}, Wills that came: ${published.join(", ") || "none"})`;
}
