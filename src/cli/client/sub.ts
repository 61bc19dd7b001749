/**
 * `broker sub`: subscribes, and prints what comes.
 *
 * Owns what is done with each message, when it is enough, and that all is printed before the end.
 * Invariant: a message is printed whole or not at all; when standard output takes no more, no more is
 * read from the server.
 */

import { messageOf } from "../../error_text.ts";
import type { PublishPacket, SubackPacket, SubscriptionRequest } from "../../protocol/packet.ts";
import { NO_PROPERTIES } from "../../protocol/property.ts";
import { isError } from "../../protocol/reason_code.ts";
import { topicMatches } from "../../protocol/topic.ts";
import { NotConnectedError } from "../../client/send_error.ts";
import type { BlockOutput } from "./block_output.ts";
import type { BrokerConnection } from "./broker_connection.ts";
import { createPrinter, MessageRate, type PrintMessage } from "./message_printer.ts";
import { reasonOf } from "./reason_text.ts";
import { leave, openOutput, prepareConnection, type ToolContext } from "./tool_context.ts";
import { ToolExit } from "./tool_exit.ts";

const NO_PAYLOAD = new Uint8Array(0);

const encoder = new TextEncoder();

/** Throws `ToolFailure`. */
export async function runSub(context: ToolContext): Promise<void> {
  await new Subscriber(context).run();
}

class Subscriber {
  readonly #context: ToolContext;
  readonly #output: BlockOutput;
  #connection: BrokerConnection | undefined;
  #print: PrintMessage = () => {};
  #count = 0;
  #isDone = false;
  /** The last deletion of a retained message. */
  #removed: Promise<unknown> = Promise.resolve();

  constructor(context: ToolContext) {
    this.#context = context;
    this.#output = openOutput(context, {
      full: () => this.#connection?.client.pause(),
      drained: () => this.#connection?.client.resume(),
    });
  }

  async run(): Promise<void> {
    const { settings, interrupt, stop } = this.#context;
    const rate = await this.#preparePrinter();
    const connection = await prepareConnection(
      this.#context,
      (packet) => this.#message(packet),
      (line) => this.#output.push(encoder.encode(`${line}\n`)),
    );
    this.#connection = connection;
    try {
      await connection.connect();
      interrupt.exitCode = ToolExit.Ok;
      rate?.start();
      const kept = connection.keep(async ({ sessionPresent }) => {
        if (this.#output.isFull) connection.client.pause();
        if (!sessionPresent || settings.connection.cleanStart) await this.#subscribe(connection);
      });
      await Promise.race([this.#subscribe(connection).then(() => kept), kept]);
    } finally {
      this.#isDone = true;
      rate?.stop();
      stop.ask({ exitCode: ToolExit.Ok });
      await leave(this.#context, connection, this.#output);
    }
  }

  /** Undefined: messages are printed, not counted. */
  async #preparePrinter(): Promise<MessageRate | undefined> {
    const { settings, surface } = this.#context;
    const push = (bytes: Uint8Array): void => this.#output.push(bytes);
    if (settings.output.messageRate) {
      const rate = new MessageRate(push);
      this.#print = () => rate.count();
      return rate;
    }
    this.#print = await createPrinter(settings.output, { ...surface, push }, this.#context.say);
    return undefined;
  }

  /** The order of the steps is Mosquitto's. */
  #message(packet: PublishPacket): void {
    if (this.#isDone) return;
    const { topicName, retain } = packet;
    const { messages } = this.#context.settings;
    if (messages.retainedOnly && !retain) return this.#enough();
    if (messages.filterOuts.some((filter) => topicMatches(filter, topicName))) return;
    if (messages.removeRetained && retain) this.#remove(topicName);
    if (messages.noRetained && retain) return;
    this.#print(packet);
    if (messages.count !== undefined && ++this.#count === messages.count) this.#enough();
  }

  #enough(): void {
    this.#isDone = true;
    const { stop } = this.#context;
    // Those that came with this message are acknowledged first.
    void this.#removed.then(() => stop.ask({ exitCode: ToolExit.Ok }));
  }

  #remove(topicName: string): void {
    const { client } = this.#connection ?? {};
    if (client === undefined) return;
    const { say } = this.#context;
    const before = this.#removed;
    const message = {
      topicName,
      payload: NO_PAYLOAD,
      qos: 1,
      retain: true,
      properties: {},
    } as const;
    const removed = client.publish(message).then(
      ({ reasonCode, properties }) => {
        if (!isError(reasonCode)) return;
        say(
          `Cannot delete the retained message of '${topicName}': ${
            reasonOf(reasonCode, properties)
          }`,
        );
      },
      (error: unknown) => say(messageOf(error)),
    );
    this.#removed = Promise.all([before, removed]);
  }

  /** Throws a `SendError` for what the server is known not to have. */
  async #subscribe({ client, protocolVersion }: BrokerConnection): Promise<void> {
    const { settings: { messages, connection: { properties } }, stop } = this.#context;
    const isFor5 = protocolVersion === 5;
    const asked = messages.topics.map((topicFilter): SubscriptionRequest => ({
      topicFilter,
      qos: messages.qos,
      noLocal: false,
      retainAsPublished: isFor5 && messages.retainAsPublished,
      retainHandling: isFor5 ? messages.retainHandling : 0,
    }));
    try {
      const answers = [
        asked.length === 0
          ? undefined
          : client.subscribe(asked, isFor5 ? properties.subscribe : NO_PROPERTIES),
        ...messages.unsubscribes.map((topicFilter) =>
          client.unsubscribe([topicFilter], isFor5 ? properties.unsubscribe : NO_PROPERTIES)
        ),
      ];
      const [suback] = await Promise.all(answers);
      if (asked.length > 0) this.#checkSuback(asked, suback as SubackPacket);
    } catch (error) {
      // The next connection will do it.
      if (error instanceof NotConnectedError) return;
      throw error;
    }
    if (messages.exitAfterSubscribe) stop.ask({ exitCode: ToolExit.Ok });
  }

  #checkSuback(
    asked: readonly SubscriptionRequest[],
    { reasonCodes, properties }: SubackPacket,
  ): void {
    const { say, stop } = this.#context;
    const denied = asked.filter((_, index) => isError(reasonCodes[index] ?? 0));
    for (const [index, { topicFilter }] of asked.entries()) {
      const reasonCode = reasonCodes[index] ?? 0;
      if (!isError(reasonCode)) continue;
      say(
        `The server refuses the subscription to '${topicFilter}': ${
          reasonOf(reasonCode, properties)
        }`,
      );
    }
    if (denied.length < asked.length) return;
    say("All subscription requests were denied");
    // As Mosquitto's does.
    stop.ask({ exitCode: ToolExit.Ok });
  }
}
