/**
 * One network connection: its read buffer, framing, login, Keep Alive and end.
 *
 * Owns the socket. Packets go to the broker while they lie in the read buffer (`inbound.ts`); what
 * they cause is flushed once, when the whole buffer is handled. While a login is decided (`connection_login.ts`),
 * or a client publishes too fast, nothing is read or handled; what has been read already waits in the
 * buffer. The one place where an error becomes a CONNACK, a DISCONNECT or a plain close: `fail`.
 * Invariant: after `#end` the broker does not know this connection any more, and the socket is
 * closed.
 */

import { messageOf } from "../error_text.ts";
import { LARGE_BUFFER_BYTES } from "../broker/buffer_pool.ts";
import type { Session } from "../broker/session.ts";
import { Framer } from "../protocol/framer.ts";
import { PacketType } from "../protocol/packet.ts";
import { ProtocolError, ReasonCode } from "../protocol/reason_code.ts";
import type { ConnectionHost } from "./connection_host.ts";
import { ConnectionLogin, type LoginOwner } from "./connection_login.ts";
import type { Inbound } from "./inbound.ts";
import type { ConnectionOrigin } from "./origin.ts";
import { Output, type OutputOwner } from "./output.ts";
import { tracePackets } from "./packet_trace.ts";
import { Pause } from "./pause.ts";
import { ReadBuffer } from "./read_buffer.ts";
import { checkFirstByte } from "./refusal.ts";
import type { Transport } from "./transport.ts";

/** Milliseconds that a closing connection has to take the last bytes and close its side. */
const CLOSING_TIMEOUT_MS = 2000;

/** Milliseconds that the input of one connection may be handled without a break. */
const LONGEST_TURN_MS = 20;

const NO_BYTES = new Uint8Array(0);

export class Connection implements LoginOwner, OutputOwner {
  readonly #transport: Transport;
  readonly #host: ConnectionHost;
  readonly output: Output;
  readonly #framer: Framer;
  /** While it is on, nothing is read or handled. */
  readonly pause = new Pause();
  #origin: ConnectionOrigin;
  readonly #login: ConnectionLogin;
  /** Where packets go once the client is connected. */
  #inbound: Inbound | undefined;
  #acceptedMs: number;
  #lastReceivedMs: number;
  /** Counted by the read, not by the packet. */
  bytesReceived = 0;
  /** When the input that is being handled had its turn. */
  #turnStartedMs = 0;
  /** When it must be closed at the latest, once it is closing. */
  #closeByMs = Infinity;
  /** The handshakes before MQTT are done. */
  #isOpen: boolean;
  #closing = false;
  #finished = false;
  /** A reader of what came in fell behind. */
  #mustWait = false;
  /** Bytes of answers to its own packets, since its output has been over the limit. */
  #unreadAnswerBytes = 0;

  constructor(transport: Transport, origin: ConnectionOrigin, host: ConnectionHost) {
    this.#transport = transport;
    this.#origin = origin;
    this.#host = host;
    this.#isOpen = transport.open === undefined;
    this.#acceptedMs = this.#lastReceivedMs = host.nowMs();
    this.#framer = new Framer(host.limits.maximumConnectPacketSize);
    this.output = new Output(transport, host.broker.pool, host.broker.statistics, this);
    this.#login = new ConnectionLogin(host, this);
  }

  get remoteAddress(): string {
    return this.#transport.remoteAddress;
  }

  /** Where it came in; its address may change until the handshakes before MQTT are done. */
  get origin(): ConnectionOrigin {
    return this.#origin;
  }

  /** The session of a client that is connected. */
  get session(): Session | undefined {
    return this.#login.session;
  }

  /** Seconds; 0: none. */
  get keepAlive(): number {
    return this.#login.keepAlive;
  }

  get isClosing(): boolean {
    return this.#closing;
  }

  // Reading.

  /** Reads until the connection ends. Never throws. */
  async run(): Promise<void> {
    if (!this.#isOpen && !await this.#open()) return;
    const { broker } = this.#host;
    const input = new ReadBuffer(broker.pool, broker.statistics);
    try {
      for (;;) {
        const count = await this.#transport.read(input.space());
        if (count === null) break;
        input.added(count);
        this.#turnStartedMs = this.#lastReceivedMs = this.#host.nowMs();
        broker.statistics.bytesReceived += count;
        this.bytesReceived += count;
        input.handled(this.#process(input.bytes, input.filled), count);
        while (this.pause.isOn) {
          await this.pause.over();
          this.#turnStartedMs = this.#host.nowMs();
          input.handled(this.#process(input.bytes, input.filled), 0);
        }
        if (this.#mustWait) await this.#host.relief();
      }
      this.#end("client closed the connection");
    } catch (error) {
      this.#end(messageOf(error));
    }
    input.release();
  }

  /** Does the handshakes before MQTT. False when the connection has ended with them. */
  async #open(): Promise<boolean> {
    try {
      const peer = await this.#transport.open?.();
      if (peer !== undefined) {
        const { address, certificate, isEncrypted } = peer;
        this.#origin = { listener: this.#origin.listener, address, certificate, isEncrypted };
      }
      if (this.#finished) return false;
      this.#isOpen = true;
      const refused = this.#host.opened(this);
      if (refused === undefined) return true;
      this.#end(refused);
    } catch (error) {
      if (this.#finished) return false;
      const reason = messageOf(error);
      const { events } = this.#host.login;
      events.handshakeFailed(this.remoteAddress, this.#origin.listener.name, reason);
      this.#end(reason);
    }
    return false;
  }

  /** Acts on every whole packet in `bytes[0..end)`; returns where the rest starts. */
  #process(bytes: Uint8Array, end: number): number {
    if (this.#closing) return end;
    let position = 0;
    const { router } = this.#host.broker;
    const waitingBytes = this.output.bufferedBytes;
    try {
      if (!this.#login.hasBegun) checkFirstByte(bytes[0]);
      while (!this.#closing && !this.pause.isOn && this.#framer.next(bytes, position, end)) {
        const { routesBuilt } = router;
        this.#receive(bytes);
        position = this.#framer.bodyEnd;
        if (router.routesBuilt > routesBuilt) this.#yieldAfterLong();
      }
      this.#checkInput(end - position);
      this.#host.broker.settle();
    } catch (error) {
      this.fail(error, bytes);
      position = end;
    }
    this.#mustWait = this.#host.flushSoon();
    this.#countUnreadAnswers(waitingBytes);
    return this.#closing ? end : position;
  }

  /** Topics and subscriptions can be made such that few packets take long: others have their turn. */
  #yieldAfterLong(): void {
    const isLong = this.#host.nowMs() - this.#turnStartedMs >= LONGEST_TURN_MS;
    if (isLong && !this.pause.isOn) this.pause.begin(0);
  }

  /** A packet that is not complete needs a larger buffer: are there bytes left for it? */
  #checkInput(waitingBytes: number): void {
    if (waitingBytes < LARGE_BUFFER_BYTES || this.pause.isOn) return;
    const { inputBytes } = this.#host.broker.statistics;
    if (inputBytes + waitingBytes <= this.#host.limits.maximumBufferedBytes) return;
    throw new ProtocolError(
      ReasonCode.QuotaExceeded,
      "Cannot buffer so large a packet: all clients together are at the limit",
    );
  }

  /** Over the limit, only answers to its own packets are added: does it ask without reading? */
  #countUnreadAnswers(waitingBytes: number): void {
    const { maximumBufferedBytesPerClient } = this.#host.limits;
    if (waitingBytes <= maximumBufferedBytesPerClient) {
      this.#unreadAnswerBytes = 0;
      return;
    }
    this.#unreadAnswerBytes += this.output.bufferedBytes - waitingBytes;
    if (this.#unreadAnswerBytes > maximumBufferedBytesPerClient) {
      this.#end("it does not read what it asks for");
    }
  }

  /** Acts on the packet that the framer has found. */
  #receive(bytes: Uint8Array): void {
    this.#host.broker.statistics.messagesReceived++;
    if (this.#inbound !== undefined) this.#inbound.receive(this.#framer, bytes);
    else this.#login.receive(this.#framer, bytes);
  }

  /** The client publishes too fast: what it has sent, and will send, is handled later. */
  slowDown(milliseconds: number): void {
    const { events, messageRateText } = this.#host.login;
    const { clientIdentifier = "" } = this.session ?? {};
    events.messageRateReached(clientIdentifier, this.remoteAddress, messageRateText);
    // Silence begins after it.
    this.#lastReceivedMs = this.#host.nowMs() + milliseconds;
    this.pause.begin(milliseconds);
  }

  connected(inbound: Inbound, maximumPacketSize: number): void {
    this.#inbound = inbound;
    this.#framer.maximumPacketSize = maximumPacketSize;
  }

  // Ending.

  /** Turns any failure into what the peer is told, and closes. `bytes`: the input it was met in. */
  fail(error: unknown, bytes: Uint8Array = NO_BYTES): void {
    const known = error instanceof ProtocolError;
    const { events } = this.#host;
    if (!known) {
      events.internalError(this, error);
      this.#login.findSession();
    }
    const reasonCode = known ? error.reasonCode : ReasonCode.ImplementationSpecificError;
    const message = known ? error.message : "Internal error";
    if (this.session !== undefined) {
      if (known) events.protocolError(this, error);
      this.close(reasonCode, message);
      return;
    }
    events.connectRefused(this, reasonCode, message);
    this.#login.refuse(reasonCode, message, this.#framer, bytes);
    this.startClosing(message);
  }

  /**
   * Sends what is queued and, to a client of MQTT 5, DISCONNECT with the reason; then closes. With
   * `ReasonCode.Success` nothing is said: the client asked for it.
   */
  close(reasonCode: ReasonCode, reasonString: string): void {
    if (this.#closing) return;
    // Nothing may follow DISCONNECT [MQTT-3.14.4-1], so what is on its way goes first.
    this.#host.broker.settle();
    const session = this.session;
    if (
      session !== undefined && session.protocolVersion === 5 && reasonCode !== ReasonCode.Success
    ) {
      this.#login.link?.send({
        type: PacketType.Disconnect,
        reasonCode,
        properties: session.problemInformation(reasonString),
      });
    }
    this.startClosing(reasonString);
  }

  /** Sends what is queued, then closes; the client is told nothing more. */
  startClosing(reason: string): void {
    if (this.#closing) return;
    if (!this.#isOpen) return this.#end(reason);
    this.#closing = true;
    this.#closeByMs = this.#host.nowMs() + CLOSING_TIMEOUT_MS;
    this.#stopWaiting();
    this.#loseSession(reason);
    if (this.output.isEmpty) this.outputDrained();
  }

  /** Nothing that comes in is handled any more; the end of the input has to be noticed. */
  #stopWaiting(): void {
    this.#login.abandon();
    this.pause.end();
  }

  /** A mistake of ours in here must not keep the socket from being closed. */
  #loseSession(reason: string): void {
    if (this.session === undefined || this.#login.link === undefined) return;
    const { broker, events } = this.#host;
    try {
      broker.connectionLost(this.session, this.#login.link, reason);
      broker.settle(); // The Will may go to several sessions.
    } catch (error) {
      events.internalError(this, error);
    }
  }

  /** The peer is gone, or nothing more is to be read. */
  #end(reason: string): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#closing = true;
    this.#stopWaiting();
    this.#loseSession(reason);
    if (this.session === undefined) this.#host.events.closedBeforeConnect(this, reason);
    this.output.discard();
    this.#transport.close();
    this.#host.closed(this);
    this.#host.flushSoon();
  }

  /** Ends the connection whatever waits to be sent. */
  abort(reason: string): void {
    this.#end(reason);
  }

  /**
   * Looks at the time; called about once a second. In the last `missedMs` nobody could look: what
   * came in then may not have been read yet, so they do not count as silence.
   */
  checkTime(nowMs: number, missedMs = 0): void {
    this.#acceptedMs = Math.min(this.#acceptedMs + missedMs, nowMs);
    this.#lastReceivedMs = Math.min(this.#lastReceivedMs + missedMs, nowMs);
    if (nowMs >= this.#closeByMs) return this.#end("closed");
    if (this.#closing) return;
    // What it sends while nothing is read is not silence.
    if (this.pause.isOn) this.#lastReceivedMs = nowMs;
    const silentMs = nowMs - this.#lastReceivedMs;
    if (this.session === undefined) {
      const { connectTimeoutMs } = this.#host.limits;
      if (nowMs - this.#acceptedMs < connectTimeoutMs) return;
      this.#end(!this.#login.hasBegun ? "no CONNECT in time" : "its login took too long");
    } else if (nowMs >= this.#login.validUntilMs) {
      this.close(ReasonCode.MaximumConnectTime, "What you have proven who you are with is over");
    } else if (this.#login.keepAlive > 0 && silentMs >= this.#login.keepAlive * 1500) { // [MQTT-3.1.2-22]
      this.close(ReasonCode.KeepAliveTimeout, "Nothing received for 1.5 times the Keep Alive");
    } else if (this.session.queuedCount > 0) {
      // Its own output may have drained while all connections together were over their limit.
      this.session.pump();
    }
  }

  // What the output tells.

  outputPending(): void {
    this.#host.outputPending(this);
  }

  outputTaken(): void {
    this.#host.outputTaken(this);
  }

  outputDrained(): void {
    if (!this.#closing) {
      try {
        this.session?.pump();
      } catch (error) {
        this.fail(error);
      }
      this.#host.flushSoon();
    } else if (!this.#finished) this.#transport.closeWrite().catch(() => this.#end("closed"));
  }

  outputGated(): void {
    this.#host.outputGated(this);
  }

  outputFailed(error: unknown): void {
    this.#end(messageOf(error));
  }

  traceOutput(bytes: Uint8Array): void {
    const { packetSent } = this.#host.events;
    if (packetSent === undefined) return;
    const clientIdentifier = this.session?.clientIdentifier ?? this.remoteAddress;
    tracePackets(bytes, clientIdentifier, this.#login.link?.protocolVersion, packetSent);
  }
}
