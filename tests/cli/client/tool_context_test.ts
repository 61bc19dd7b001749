import assert from "node:assert/strict";
import {
  leave,
  openOutput,
  prepareConnection,
  type ToolContext,
} from "../../../src/cli/client/tool_context.ts";
import { StopRequest } from "../../../src/cli/client/tool_exit.ts";
import { RecordingServer } from "../../parity/recording_server.ts";
import { settled } from "../../net/fake_sink.ts";
import { testCa } from "../../support/certificates.ts";
import { asBytes } from "../../support/packet_text.ts";
import { FakeTerminal, settingsOf, type TerminalFields } from "./tool_fixture.ts";

function contextOf(port: number, args: readonly string[], fields: TerminalFields = {}) {
  const terminal = new FakeTerminal(fields);
  const address = ["-h", "127.0.0.1", "-p", `${port}`, "-i", "c"];
  const context: ToolContext = {
    settings: settingsOf("sub", "-t", "a", ...address, ...args),
    terminal,
    stop: new StopRequest(),
    surface: { isTerminal: false, hasColour: false, rows: () => 24, random: () => 0 },
    interrupt: { exitCode: undefined },
    say: (line) => terminal.err(`${line}\n`),
  };
  return { context, terminal };
}

/** Connects, leaves for the reason, and returns the server's last line. */
async function lastLine(args: readonly string[], stop?: Parameters<StopRequest["ask"]>[0]) {
  await using server = await RecordingServer.start({}, ".");
  const { context } = contextOf(server.port, args);
  const connection = await prepareConnection(context, () => {}, () => {});
  await connection.connect();
  if (stop !== undefined) context.stop.ask(stop);
  await leave(context, connection);
  await server.everybodyGone();
  return server.lines.at(-1);
}

Deno.test("leave() says DISCONNECT as the reason for stopping asks for", async () => {
  assert.match(await lastLine([]) ?? "", /^DISCONNECT(?!.*0x)/);
  assert.match(await lastLine([], { exitCode: 0, withWill: true }) ?? "", /^DISCONNECT.*0x04/);
  assert.match(
    await lastLine(["-V", "311"], { exitCode: 0, withWill: true }) ?? "",
    /^DISCONNECT(?!.*0x04)/,
  );
  assert.match(
    await lastLine(["-D", "disconnect", "user-property", "a", "b"]) ?? "",
    /^DISCONNECT.*'a':'b'/,
  );
});

Deno.test("prepareConnection() writes the lines of -d, and none without", async () => {
  for (const args of [["-d"], []]) {
    await using server = await RecordingServer.start({}, ".");
    const { context } = contextOf(server.port, args);
    const lines: string[] = [];
    const connection = await prepareConnection(context, () => {}, (line) => void lines.push(line));
    await connection.connect();
    await leave(context, connection);
    assert.equal(lines.length, args.length === 0 ? 0 : 3);
  }
});

Deno.test("openOutput() stops the tool when standard output fails", async () => {
  const failures = {
    broken: [new Deno.errors.BrokenPipe("gone"), { exitCode: 0 }],
    full: [
      new Error("no space left"),
      { exitCode: 1, message: "Cannot write to standard output: no space left" },
    ],
  } as const;
  for (const [error, reason] of Object.values(failures)) {
    const { context } = contextOf(1, [], { onWrite: () => Promise.reject(error) });
    openOutput(context, { full: () => {}, drained: () => {} }).push(asBytes("x"));
    await settled();
    assert.deepEqual(context.stop.reason, reason);
  }
});

Deno.test("prepareConnection() lets the process trust what the command line names, and nothing without TLS", async () => {
  const { certificate } = await testCa();
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(path, certificate);
    const trusting = contextOf(1, ["--cafile", path]);
    await prepareConnection(trusting.context, () => {}, () => {});
    assert.deepEqual(trusting.terminal.trusted.map((tls) => tls.caCertificates), [[certificate]]);
    const plain = contextOf(1, []);
    await prepareConnection(plain.context, () => {}, () => {});
    assert.deepEqual(plain.terminal.trusted, []);
  } finally {
    await Deno.remove(path);
  }
});
