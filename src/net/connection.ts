/**
 * One network connection: its read buffer, framing, Keep Alive, inbound Topic Aliases and end.
 *
 * Owns the socket. Packets go to the broker while they lie in the read buffer; what they cause is
 * flushed once, when the whole buffer is handled. The one place where an error becomes a CONNACK, a
 * DISCONNECT or a plain close: `#process`. Invariant: after `#finish` the broker does not know
 * this connection any more, and the socket is closed.
 */

import type { Broker } from "../broker/broker.ts";
import type { ClientOrigin } from "../broker/access.ts";
import { serverKeepAlive } from "../broker/handle_connect.ts";
import { LARGE_BUFFER_BYTES } from "../broker/buffer_pool.ts";
import type { Session } from "../broker/session.ts";
import { plainAcknowledgement } from "../protocol/acknowledgement.ts";
import { decodePacket, encodePacket } from "../protocol/codec.ts";
import { Framer } from "../protocol/framer.ts";
import { type ConnectPacket, PacketType } from "../protocol/packet.ts";
import { PublishFrame } from "../protocol/publish_frame.ts";
import { malformed, ProtocolError, ReasonCode } from "../protocol/reason_code.ts";
import { ClientLink, type LinkLimits } from "./client_link.ts";
import type { ConnectionEvents } from "./connection_events.ts";
import { Output, type OutputOwner } from "./output.ts";
import { tracePackets } from "./packet_trace.ts";
import { ReadBuffer } from "./read_buffer.ts";
import { announcedVersion, checkFirstByte, refusal } from "./refusal.ts";
import { InboundTopicAliases } from "./topic_aliases.ts";
import type { Transport } from "./transport.ts";

export interface ConnectionLimits extends LinkLimits {
  /** Milliseconds from accept to CONNECT. */
  readonly connectTimeoutMs: number;
  /** Bytes of a packet before CONNECT is accepted. */
  readonly maximumConnectPacketSize: number;
}

/** What a connection needs from the server. */
export interface ConnectionHost {
  readonly broker: Broker;
  readonly limits: ConnectionLimits;
  readonly events: ConnectionEvents;
  /** A coarse clock, read once a batch. */
  nowMs(): number;
  /** `connection` has output: flush it when the batch of input is handled. */
  outputPending(connection: Connection): void;
  /**
   * A batch of input is handled: flush soon. True when a reader of it fell behind, and whoever
   * sent the input should wait for `relief` before it sends more.
   */
  flushSoon(): boolean;
  relief(): Promise<void>;
  outputTaken(connection: Connection): void;
  /** Output of `connection` waits for commits. */
  outputGated(connection: Connection): void;
  closed(connection: Connection): void;
}

/** Milliseconds that a closing connection has to take the last bytes and close its side. */
const CLOSING_TIMEOUT_MS = 2000;

const NO_BYTES = new Uint8Array(0);

/** Filled again for every PUBLISH: the core is synchronous, so one is enough. */
const frame = new PublishFrame();

export class Connection implements OutputOwner {
  readonly #transport: Transport;
  readonly #host: ConnectionHost;
  readonly origin: ClientOrigin;
  readonly output: Output;
  readonly #framer: Framer;
  #session: Session | undefined;
  #link: ClientLink | undefined;
  #aliases: InboundTopicAliases | undefined;
  /** Seconds; 0: none. */
  #keepAlive = 0;
  #acceptedMs: number;
  #lastReceivedMs: number;
  /** When it must be closed at the latest, once it is closing. */
  #closeByMs = Infinity;
  #closing = false;
  #finished = false;
  /** A reader of what came in fell behind. */
  #mustWait = false;
  /** Bytes of answers to its own packets, since its output has been over the limit. */
  #unreadAnswerBytes = 0;

  constructor(transport: Transport, origin: ClientOrigin, host: ConnectionHost) {
    this.#transport = transport;
    this.origin = origin;
    this.#host = host;
    this.#acceptedMs = this.#lastReceivedMs = host.nowMs();
    this.#framer = new Framer(host.limits.maximumConnectPacketSize);
    this.output = new Output(transport, host.broker.pool, host.broker.statistics, this);
  }

  get remoteAddress(): string {
    return this.#transport.remoteAddress;
  }

  /** The session of a client that is connected. */
  get session(): Session | undefined {
    return this.#session;
  }

  // Reading.

  /** Reads until the connection ends. Never throws. */
  async run(): Promise<void> {
    const { broker } = this.#host;
    const input = new ReadBuffer(broker.pool, broker.statistics);
    try {
      for (;;) {
        const count = await this.#transport.read(input.space());
        if (count === null) break;
        input.added(count);
        this.#lastReceivedMs = this.#host.nowMs();
        broker.statistics.bytesReceived += count;
        const end = this.#closing ? input.filled : this.#process(input.bytes, input.filled);
        input.handled(end, count);
        if (this.#mustWait) await this.#host.relief();
      }
      this.#end("client closed the connection");
    } catch (error) {
      this.#end(error instanceof Error ? error.message : String(error));
    }
    input.release();
  }

  /** Acts on every whole packet in `bytes[0..end)`; returns where the rest starts. */
  #process(bytes: Uint8Array, end: number): number {
    let position = 0;
    const waitingBytes = this.output.bufferedBytes;
    try {
      if (this.#session === undefined) checkFirstByte(bytes[0]);
      while (!this.#closing && this.#framer.next(bytes, position, end)) {
        this.#receive(bytes);
        position = this.#framer.bodyEnd;
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

  /** A packet that is not complete needs a larger buffer: are there bytes left for it? */
  #checkInput(waitingBytes: number): void {
    if (waitingBytes < LARGE_BUFFER_BYTES) return;
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
    const { header, bodyStart, bodyEnd } = this.#framer;
    const { broker, events } = this.#host;
    broker.statistics.messagesReceived++;
    const session = this.#session;
    if (session === undefined) return this.#receiveConnect(bytes);
    if (header >> 4 === PacketType.Connect) { // [MQTT-3.1.0-2]; its version may be one we do not know.
      throw new ProtocolError(ReasonCode.ProtocolError, "A second CONNECT");
    }
    const version = session.protocolVersion;
    if (version === 5 && !this.#framer.shortestForm) {
      throw malformed("Cannot decode Remaining Length: not in shortest form"); // [MQTT-1.5.5-1]
    }
    if (events.packetReceived === undefined && bodyEnd - bodyStart === 2) {
      const type = plainAcknowledgement(header);
      const packetIdentifier = (bytes[bodyStart] as number) << 8 | (bytes[bodyStart + 1] as number);
      if (type !== undefined && packetIdentifier > 0) {
        return broker.acknowledge(session, type, packetIdentifier, ReasonCode.Success);
      }
    }
    if (header >> 4 !== PacketType.Publish) {
      const packet = decodePacket(header, bytes, bodyStart, bodyEnd, version);
      events.packetReceived?.(session.clientIdentifier, packet, version);
      broker.receive(session, packet);
      return;
    }
    if (events.packetReceived !== undefined) {
      const packet = decodePacket(header, bytes, bodyStart, bodyEnd, version);
      events.packetReceived(session.clientIdentifier, packet, version);
    }
    frame.read(header, bytes, bodyStart, bodyEnd, version);
    const alias = frame.properties.topicAlias;
    if (alias !== undefined) this.#resolveAlias(alias);
    broker.statistics.publishReceived++;
    broker.statistics.publishBytesReceived += bodyEnd - bodyStart;
    broker.publish(session, frame);
  }

  #resolveAlias(alias: number): void {
    this.#aliases ??= new InboundTopicAliases(this.#host.broker.limits.topicAliasMaximum);
    this.#aliases.resolve(frame, alias);
  }

  #receiveConnect(bytes: Uint8Array): void {
    const { header, bodyStart, bodyEnd, shortestForm } = this.#framer;
    const packet = decodePacket(header, bytes, bodyStart, bodyEnd, 5) as ConnectPacket;
    const { broker, limits, events } = this.#host;
    events.packetReceived?.(packet.clientIdentifier, packet, packet.protocolVersion);
    if (packet.protocolVersion === 5 && !shortestForm) {
      throw malformed("Cannot decode Remaining Length: not in shortest form");
    }
    this.#link = new ClientLink(
      packet,
      this.remoteAddress,
      this.output,
      broker.statistics,
      limits,
      (reasonCode, reasonString) => this.close(reasonCode, reasonString),
    );
    this.#session = broker.connect(this.#link, packet, this.origin);
    this.#keepAlive = serverKeepAlive(broker.limits, packet.keepAlive);
    this.#framer.maximumPacketSize = broker.limits.maximumPacketSize;
  }

  // Ending.

  /** Turns any failure into what the peer is told, and closes. `bytes`: the input it was met in. */
  fail(error: unknown, bytes: Uint8Array = NO_BYTES): void {
    const known = error instanceof ProtocolError;
    const { events } = this.#host;
    if (!known) {
      events.internalError(this, error);
      this.#session ??= this.#attachedSession();
    }
    const reasonCode = known ? error.reasonCode : ReasonCode.ImplementationSpecificError;
    const message = known ? error.message : "Internal error";
    if (this.#session !== undefined) {
      if (known) events.protocolError(this, error);
      this.close(reasonCode, message);
      return;
    }
    events.connectRefused(this, reasonCode, message);
    const { header, bodyStart, bodyEnd } = this.#framer;
    if (header >> 4 === PacketType.Connect && bodyEnd > 0) {
      const version = this.#link?.protocolVersion ?? announcedVersion(bytes, bodyStart);
      const connack = refusal(version, reasonCode, message);
      // The link knows what the client can take; there is none when CONNECT was not understood.
      if (connack !== undefined && this.#link !== undefined) this.#link.send(connack);
      else if (connack !== undefined) encodePacket(this.output.writer(), connack, version);
    }
    this.#startClosing(message);
  }

  /** The session that a CONNECT was given before a mistake of ours ended it half-way. */
  #attachedSession(): Session | undefined {
    if (this.#link === undefined) return undefined;
    for (const session of this.#host.broker.sessions.values()) {
      if (session.link === this.#link) return session;
    }
    return undefined;
  }

  /**
   * Sends what is queued and, to a client of MQTT 5, DISCONNECT with the reason; then closes. With
   * `ReasonCode.Success` nothing is said: the client asked for it.
   */
  close(reasonCode: ReasonCode, reasonString: string): void {
    if (this.#closing) return;
    // Nothing may follow DISCONNECT [MQTT-3.14.4-1], so what is on its way goes first.
    this.#host.broker.settle();
    const session = this.#session;
    if (
      session !== undefined && session.protocolVersion === 5 && reasonCode !== ReasonCode.Success
    ) {
      this.#link?.send({
        type: PacketType.Disconnect,
        reasonCode,
        properties: session.problemInformation(reasonString),
      });
    }
    this.#startClosing(reasonString);
  }

  #startClosing(reason: string): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#closeByMs = this.#host.nowMs() + CLOSING_TIMEOUT_MS;
    this.#loseSession(reason);
    if (this.output.isEmpty) this.outputDrained();
  }

  /** A mistake of ours in here must not keep the socket from being closed. */
  #loseSession(reason: string): void {
    if (this.#session === undefined || this.#link === undefined) return;
    const { broker, events } = this.#host;
    try {
      broker.connectionLost(this.#session, this.#link, reason);
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
    this.#loseSession(reason);
    if (this.#session === undefined) this.#host.events.closedBeforeConnect(this, reason);
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
    const silentMs = nowMs - this.#lastReceivedMs;
    if (this.#session === undefined) {
      const { connectTimeoutMs } = this.#host.limits;
      if (nowMs - this.#acceptedMs >= connectTimeoutMs) this.#end("no CONNECT in time");
    } else if (this.#keepAlive > 0 && silentMs >= this.#keepAlive * 1500) { // [MQTT-3.1.2-22]
      this.close(ReasonCode.KeepAliveTimeout, "Nothing received for 1.5 times the Keep Alive");
    } else if (this.#session.queuedCount > 0) {
      // Its own output may have drained while all connections together were over their limit.
      this.#session.pump();
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
        this.#session?.pump();
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
    this.#end(error instanceof Error ? error.message : String(error));
  }

  traceOutput(bytes: Uint8Array): void {
    const { packetSent } = this.#host.events;
    if (packetSent === undefined) return;
    const clientIdentifier = this.#session?.clientIdentifier ?? this.remoteAddress;
    tracePackets(bytes, clientIdentifier, this.#link?.protocolVersion, packetSent);
  }
}
