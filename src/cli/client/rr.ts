/**
 * `broker rr`: publishes a request and prints the first message on the response topic.
 *
 * Owns the order: nothing is asked before the answer can come.
 */

import { NotConnectedError } from "../../client/send_error.ts";
import type { PublishPacket } from "../../protocol/packet.ts";
import { NO_PROPERTIES } from "../../protocol/property.ts";
import { isError, ReasonCode } from "../../protocol/reason_code.ts";
import type { BlockOutput } from "./block_output.ts";
import type { BrokerConnection } from "./broker_connection.ts";
import { createPrinter, type PrintMessage } from "./message_printer.ts";
import { readPayload } from "./payload.ts";
import { reasonOf } from "./reason_text.ts";
import { leave, openOutput, prepareConnection, type ToolContext } from "./tool_context.ts";
import { ToolExit, ToolFailure } from "./tool_exit.ts";

const encoder = new TextEncoder();

/** Throws `ToolFailure`. */
export async function runRr(context: ToolContext): Promise<void> {
  await new Requester(context).run();
}

class Requester {
  readonly #context: ToolContext;
  readonly #output: BlockOutput;
  #print: PrintMessage = () => {};
  #sentMs = 0;
  #isDone = false;
  /** The server said that nobody gets the request. */
  #hasNoReader = false;

  constructor(context: ToolContext) {
    this.#context = context;
    this.#output = openOutput(context, { full: () => {}, drained: () => {} });
  }

  async run(): Promise<void> {
    const { settings, surface, terminal, stop, say } = this.#context;
    const push = (bytes: Uint8Array): void => this.#output.push(bytes);
    this.#print = await createPrinter(settings.output, { ...surface, push }, say);
    const source = settings.messages.payload ?? { kind: "null" };
    const payload = await readPayload(source, terminal, settings.output.quiet);
    const connection = await prepareConnection(
      this.#context,
      (packet) => this.#message(packet),
      (line) => push(encoder.encode(`${line}\n`)),
    );
    try {
      await connection.connect();
      const lost = connection.client.ended.then((ending) => {
        if (ending.kind !== "requested") connection.failOn(ending);
      });
      const requested = this.#request(connection, payload).catch(async (error) => {
        // `lost` says why.
        if (!(error instanceof NotConnectedError)) throw error;
        await lost;
      });
      await Promise.race([requested, lost, stop.wait()]);
    } finally {
      this.#isDone = true;
      await leave(this.#context, connection, this.#output);
    }
    if (stop.reason?.exitCode === ToolExit.TimedOut && this.#hasNoReader) {
      say(`No client subscribes to '${settings.messages.topics[0]}'`);
    }
  }

  async #request(connection: BrokerConnection, payload: Uint8Array): Promise<void> {
    const { settings: { messages, connection: { properties } }, stop, say } = this.#context;
    const { client, protocolVersion } = connection;
    const isFor5 = protocolVersion === 5;
    const responseTopic = messages.responseTopic ?? "";
    const suback = await client.subscribe([{
      topicFilter: responseTopic,
      qos: messages.qos,
      noLocal: false,
      retainAsPublished: isFor5 && messages.retainAsPublished,
      retainHandling: isFor5 ? messages.retainHandling : 0,
    }], isFor5 ? properties.subscribe : NO_PROPERTIES);
    const [granted = 0] = suback.reasonCodes;
    if (isError(granted)) {
      say(
        `The server refuses the subscription to '${responseTopic}': ${
          reasonOf(granted, suback.properties)
        }`,
      );
      // As Mosquitto's does.
      return stop.ask({ exitCode: ToolExit.Ok });
    }
    this.#sentMs = performance.now();
    const answer = await client.publish({
      topicName: messages.topics[0] ?? "",
      payload,
      qos: messages.qos,
      retain: false,
      properties: isFor5 ? { ...properties.publish, responseTopic } : {},
    });
    if (isError(answer.reasonCode)) {
      const reason = reasonOf(answer.reasonCode, answer.properties);
      throw new ToolFailure(ToolExit.Failure, `The server refuses the request: ${reason}`);
    }
    this.#hasNoReader = answer.reasonCode === ReasonCode.NoMatchingSubscribers;
    await stop.wait();
  }

  #message(packet: PublishPacket): void {
    const { settings: { messages, output }, stop } = this.#context;
    if (this.#isDone || (messages.noRetained && packet.retain)) return;
    const passedMs = performance.now() - this.#sentMs;
    this.#isDone = true;
    this.#print(packet);
    if (output.latency) this.#output.push(encoder.encode(`Latency: ${durationText(passedMs)}\n`));
    stop.ask({ exitCode: ToolExit.Ok });
  }
}

/** As Mosquitto's tool writes it: seconds without a unit, else "1.234567ms" or "12.300000us". */
export function durationText(ms: number): string {
  if (ms >= 1000) return (ms / 1000).toFixed(9);
  if (ms >= 1) return `${ms.toFixed(6)}ms`;
  const microseconds = ms * 1000;
  return microseconds >= 1
    ? `${microseconds.toFixed(6)}\u00b5s`
    : `${Math.round(microseconds * 1000)}ns`;
}
