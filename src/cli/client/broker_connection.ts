/**
 * The connection of a client tool to its broker: the first one, with MQTT 3.1.1 where 5 is refused,
 * and those after it was lost.
 *
 * Owns the attempts and what is said about them. Does not own the session: that is the client
 * library's, and goes on over all of them.
 */

import { Client, type ClientEvents, type ClientOptions, type Ending } from "../../client/client.ts";
import { ConnectError } from "../../client/connect_error.ts";
import { openEndpoint } from "../../client/open_endpoint.ts";
import { ReconnectDelay } from "../../client/reconnect.ts";
import type { ConnackPacket, Properties, ProtocolVersion } from "../../protocol/packet.ts";
import { ReasonCode } from "../../protocol/reason_code.ts";
import type { ConnectionPlan } from "./connection_setup.ts";
import { reasonOf } from "./reason_text.ts";
import { refusalExitCode, type StopRequest, ToolExit, ToolFailure } from "./tool_exit.ts";

/** The server ended the connection, and would do so again. */
const FINAL_ENDINGS: ReadonlySet<number> = new Set([
  ReasonCode.SessionTakenOver,
  ReasonCode.UseAnotherServer,
  ReasonCode.ServerMoved,
  ReasonCode.Banned,
  ReasonCode.MalformedPacket,
  ReasonCode.ProtocolError,
  ReasonCode.TopicAliasInvalid,
  ReasonCode.PacketTooLarge,
  ReasonCode.ReceiveMaximumExceeded,
]);

/** Refusals of a server that will take the client later. */
const PASSING_REFUSALS: ReadonlySet<number> = new Set([
  ReasonCode.ServerUnavailable,
  ReasonCode.ServerBusy,
  ReasonCode.ServerShuttingDown,
  ReasonCode.QuotaExceeded,
  ReasonCode.ConnectionRateExceeded,
]);

/** What a tool does when there is a connection again. */
export type OnConnected = (connack: ConnackPacket) => Promise<void>;

export class BrokerConnection {
  readonly client: Client;
  readonly #plan: ConnectionPlan;
  readonly #stop: StopRequest;
  readonly #say: (line: string) => void;
  readonly #delay: Pick<ReconnectDelay, "next" | "reset">;
  #options: ClientOptions;
  /** What else may be tried; nothing once a server has taken the client. */
  #fallback: ClientOptions | undefined;

  /** `say` is for standard error. */
  constructor(
    plan: ConnectionPlan,
    events: ClientEvents,
    stop: StopRequest,
    say: (line: string) => void,
    delay: Pick<ReconnectDelay, "next" | "reset"> = new ReconnectDelay(),
  ) {
    this.#delay = delay;
    this.#plan = plan;
    this.#stop = stop;
    this.#say = say;
    this.#options = plan.options;
    this.#fallback = plan.fallback;
    this.client = new Client(plan.options, events);
  }

  /** That of the last attempt. */
  get protocolVersion(): ProtocolVersion {
    return this.#options.protocolVersion;
  }

  /** Throws `ToolFailure`, and whatever asking to stop makes of it. */
  async connect(): Promise<ConnackPacket> {
    for (;;) {
      const fallback = this.#fallback;
      try {
        const connack = await this.#attempt();
        if (connack.reasonCode === ReasonCode.Success) {
          this.#fallback = undefined;
          return connack;
        }
        if (
          connack.reasonCode !== ReasonCode.UnsupportedProtocolVersion || fallback === undefined
        ) {
          throw this.#refused(connack);
        }
      } catch (error) {
        if (!(error instanceof NoAnswer)) throw error;
        if (fallback === undefined || this.#stop.signal.aborted) throw error;
      }
      this.#options = fallback;
      this.#fallback = undefined;
    }
  }

  /**
   * Stays connected until somebody asks to stop or the server will have no more of it, which is a
   * `ToolFailure`. `onConnected` is called for every connection but the first, `onLost`
   * before that.
   */
  async keep(onConnected: OnConnected, onLost: () => void = () => {}): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const sinceMs = performance.now();
      const ending = await Promise.race([this.client.ended, this.#stop.wait()]);
      if (ending === undefined || ending.kind === "requested") return;
      onLost();
      this.#checkEnding(ending);
      const isLong = performance.now() - sinceMs > 10_000;
      if (isLong) this.#delay.reset();
      this.#say(`Connection to ${this.#plan.name} lost: ${lossOf(ending)}; connecting again`);
      const connack = await this.#connectAgain();
      if (connack === undefined) return;
      this.#say(`Connected to ${this.#plan.name} again`);
      await onConnected(connack);
    }
  }

  /** Throws a `ToolFailure` when the loss of the connection is the end of the tool. */
  failOn(ending: Ending): never {
    throw new ToolFailure(
      ToolExit.ConnectionLost,
      `Connection to ${this.#plan.name} lost: ${lossOf(ending)}`,
    );
  }

  /** Undefined: somebody asked to stop. */
  async #connectAgain(): Promise<ConnackPacket | undefined> {
    let said = "";
    for (;;) {
      await this.#stop.sleep(this.#delay.next());
      if (this.#stop.signal.aborted) return undefined;
      try {
        return await this.connect();
      } catch (error) {
        if (this.#stop.signal.aborted) return undefined;
        if (!(error instanceof ToolFailure) || (error instanceof Refused && !error.mayPass)) {
          throw error;
        }
        if (error.message !== said) this.#say(`${error.message}; trying again`);
        said = error.message;
      }
    }
  }

  /** Ends with CONNACK, when somebody asks to stop, or when it has taken too long. */
  async #attempt(): Promise<ConnackPacket> {
    const { endpoint, longestAttemptMs } = this.#plan;
    const limit = new AbortController();
    const timer = setTimeout(
      () => limit.abort(new DOMException("", "TimeoutError")),
      longestAttemptMs,
    );
    const signal = AbortSignal.any([this.#stop.signal, limit.signal]);
    const close = (): void => this.client.close();
    let isOpen = false;
    try {
      const transport = await openEndpoint(endpoint, signal);
      isOpen = true;
      signal.addEventListener("abort", close);
      return await this.client.connect(transport, this.#options);
    } catch (error) {
      if (!(error instanceof ConnectError)) throw error;
      if (!isOpen) throw new ToolFailure(ToolExit.Failure, error.message);
      throw limit.signal.aborted ? this.#silence() : this.#noAnswer(error);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", close);
    }
  }

  #silence(): ToolFailure {
    const { name, longestAttemptMs } = this.#plan;
    return new ToolFailure(
      ToolExit.ConnectionLost,
      `Cannot connect to ${name}: the server does not answer within ${longestAttemptMs / 1000} ` +
        "seconds; is it an MQTT broker?",
    );
  }

  #noAnswer({ message }: ConnectError): NoAnswer {
    const isOnly = this.protocolVersion === 5 && this.#fallback === undefined;
    return new NoAnswer(
      ToolExit.ConnectionLost,
      isOnly ? `${message} (an old one may take -V 311)` : message,
    );
  }

  #refused({ reasonCode, properties }: ConnackPacket): Refused {
    const exitCode = refusalExitCode(this.#options.protocolVersion, reasonCode);
    const reason = reasonOf(reasonCode, properties);
    const hint = reasonCode === ReasonCode.UnsupportedProtocolVersion
      ? "; another version can be tried with -V"
      : "";
    return new Refused(
      exitCode,
      `Cannot connect to ${this.#plan.name}: the server refuses the client: ${reason}${hint}`,
      PASSING_REFUSALS.has(reasonCode),
    );
  }

  #checkEnding(ending: Ending): void {
    if (ending.kind !== "disconnected") return;
    const { reasonCode } = ending.packet;
    if (!FINAL_ENDINGS.has(reasonCode)) return;
    throw new ToolFailure(
      reasonCode,
      `Connection to ${this.#plan.name} lost: ${lossOf(ending)}`,
    );
  }
}

/** The server closed the connection, or sent something else, in place of CONNACK. */
class NoAnswer extends ToolFailure {}

class Refused extends ToolFailure {
  readonly mayPass: boolean;

  constructor(exitCode: number, message: string, mayPass: boolean) {
    super(exitCode, message);
    this.mayPass = mayPass;
  }
}

function lossOf(ending: Ending): string {
  switch (ending.kind) {
    case "disconnected": {
      const { reasonCode, properties } = ending.packet;
      return `the server ended it: ${reasonOf(reasonCode, withoutReference(properties))}`;
    }
    case "lost":
      return ending.reason;
    case "requested":
      return "it was closed";
  }
}

/** Where the client should go instead is told with the reason. */
function withoutReference(properties: Properties): Properties {
  const { serverReference, reasonString } = properties;
  if (serverReference === undefined) return properties;
  const said = reasonString === undefined ? "" : `${reasonString}, `;
  return { reasonString: `${said}use ${serverReference}` };
}
