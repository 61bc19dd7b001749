/**
 * `broker pub`: publishes one message, the same one several times, or one for each line of standard
 * input.
 *
 * Owns the order of the steps. Invariant: it ends well only when the server has every message.
 */

import type { OutgoingMessage } from "../../client/client.ts";
import type { BrokerConnection } from "./broker_connection.ts";
import { inputLines } from "./input_lines.ts";
import { progressOf, readPayload } from "./payload.ts";
import { PublishReports } from "./publish_reports.ts";
import { Publisher } from "./publisher.ts";
import { leave, prepareConnection, type ToolContext } from "./tool_context.ts";
import { ToolExit } from "./tool_exit.ts";

/** The message without its payload. */
type Envelope = Omit<OutgoingMessage, "payload">;

/** Throws `ToolFailure`. */
export async function runPub(context: ToolContext): Promise<void> {
  const { settings, terminal, stop } = context;
  const { payload, topics, qos, retain } = settings.messages;
  const source = payload ?? { kind: "null" };
  const isLines = source.kind === "lines";
  // What cannot be read is found out before anybody is bothered.
  const bytes = isLines ? undefined : await readPayload(source, terminal, settings.output.quiet);
  const writeLine = (line: string): void => terminal.out(`${line}\n`);
  const connection = await prepareConnection(context, () => {}, writeLine);
  await connection.connect();
  const { publish } = settings.connection.properties;
  const properties = connection.protocolVersion === 5 ? publish : {};
  const envelope: Envelope = { topicName: topics[0] ?? "", qos, retain, properties };
  const reports = new PublishReports(context.say, settings.output.debug ? context.say : undefined);
  const publisher = new Publisher(connection.client, reports);
  try {
    if (bytes === undefined) await publishLines(context, connection, publisher, envelope);
    else await publishPayload(context, connection, publisher, { ...envelope, payload: bytes });
  } finally {
    reports.end();
    await leave(context, connection);
    // Nothing that still waits goes on.
    stop.ask({ exitCode: ToolExit.Ok });
  }
}

/** Ends with the connection, as Mosquitto's does: there is no input that would be lost. */
async function publishPayload(
  { settings, stop }: ToolContext,
  connection: BrokerConnection,
  publisher: Publisher,
  message: OutgoingMessage,
): Promise<void> {
  const { repeatCount, repeatDelayMs } = settings.messages;
  const publishAll = async (): Promise<void> => {
    while (publisher.count < repeatCount && !stop.signal.aborted) {
      if (publisher.count > 0 && repeatDelayMs > 0) {
        await publisher.settled();
        await stop.sleep(repeatDelayMs);
        if (stop.signal.aborted) return;
      }
      await connection.client.ready();
      publisher.send(message);
    }
    await publisher.settled();
  };
  const lost = connection.client.ended.then((ending) => {
    if (ending.kind !== "requested") connection.failOn(ending);
  });
  await Promise.race([publishAll(), lost, stop.wait()]);
}

/** Goes on over lost connections. */
async function publishLines(
  { settings, terminal, stop }: ToolContext,
  connection: BrokerConnection,
  publisher: Publisher,
  envelope: Envelope,
): Promise<void> {
  const { client } = connection;
  const progress = progressOf(terminal, settings.output.quiet);
  const publishAll = async (): Promise<void> => {
    for await (const lines of inputLines(terminal.read)) {
      let bytes = 0;
      for (const payload of lines) {
        await client.ready();
        if (stop.signal.aborted) return;
        publisher.send({ ...envelope, payload });
        bytes += payload.length;
      }
      progress?.add(lines.length, bytes);
    }
    await publisher.settled();
  };
  const kept = connection.keep(() => Promise.resolve(), () => publisher.forgetAlias());
  try {
    // A message that can never be sent is not found out at the end only.
    await Promise.race([publishAll(), publisher.failed, kept]);
  } finally {
    progress?.erase();
  }
}
