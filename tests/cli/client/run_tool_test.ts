import assert from "node:assert/strict";
import { runClientTool } from "../../../src/cli/client/run_tool.ts";
import { ReasonCode } from "../../../src/protocol/reason_code.ts";
import { VERSION } from "../../../src/version.ts";
import { RecordingServer } from "../../parity/recording_server.ts";
import { FakeTerminal, runTool, runWithServer } from "./tool_fixture.ts";

Deno.test("a command line that is wrong ends with 1, as Mosquitto's tools do, and says what is right", async () => {
  assert.deepEqual(await runTool("pub", ["--mesage", "x"]), {
    exitCode: 1,
    out: "",
    err:
      "error: unknown option '--mesage' (did you mean '--message'?)\n(see 'broker pub --help')\n",
  });
  const { err } = await runTool("sub", ["-t", "a", "\x1b[2J"]);
  assert.match(err, /^error: '\\x1b\[2J' is no option/);
});

Deno.test("--help and --version are printed, and end with 0", async () => {
  const help = await runTool("rr", ["--help"]);
  assert.deepEqual([help.exitCode, help.err], [0, ""]);
  assert.match(help.out, /^Usage: broker rr -t topic -e topic/);
  assert.deepEqual(await runTool("pub", ["--version"]), {
    exitCode: 0,
    out: `broker ${VERSION}\n`,
    err: "",
  });
});

Deno.test("a server that is not there ends with 1", async () => {
  // Port 0 is nobody's.
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  for (const args of [["pub", "-t", "a", "-m", "x"], ["sub", "-t", "a"]] as const) {
    const [tool, ...rest] = args;
    const { exitCode, err } = await runTool(tool, ["-h", "127.0.0.1", "-p", `${port}`, ...rest]);
    assert.equal(exitCode, 1);
    assert.match(err, /^Cannot connect to 127\.0\.0\.1:\d+: connection refused/);
    const quiet = await runTool(tool, ["-h", "127.0.0.1", "-p", `${port}`, "--quiet", ...rest]);
    assert.deepEqual(quiet, { exitCode: 1, out: "", err: "" });
  }
});

Deno.test("a server that refuses the client ends with its Reason Code, or Return Code", async () => {
  const script = { refuse: ReasonCode.NotAuthorized, connackProperties: {} };
  for (const tool of ["pub", "sub", "rr"] as const) {
    const args = { pub: ["-m", "x"], sub: [], rr: ["-e", "b", "-m", "x"] }[tool];
    for (const [version, exitCode] of [["5", 135], ["311", 5], ["31", 5]] as const) {
      const outcome = await runWithServer(tool, ["-t", "a", "-V", version, ...args], script);
      assert.deepEqual([outcome.exitCode, outcome.out, outcome.err], [
        exitCode,
        "",
        "Cannot connect to 127.0.0.1:PORT: the server refuses the client: Not authorized\n",
      ]);
    }
  }
});

Deno.test("-W ends with 27, also while the server says nothing to CONNECT", async () => {
  for (const script of [{}, { isSilent: true }]) {
    const { exitCode, err } = await runWithServer("sub", ["-t", "a", "-W", "1"], script);
    assert.deepEqual([exitCode, err], [27, "Timed out\n"]);
  }
});

Deno.test("Ctrl-C ends sub with 0 and the others with 130, and the server is told", async () => {
  const cases = [
    ["sub", ["-t", "a"], 0],
    ["rr", ["-t", "a", "-e", "b", "-m", "x"], 130],
    ["pub", ["-t", "a", "-l"], 130],
  ] as const;
  for (const [tool, args, exitCode] of cases) {
    await using server = await RecordingServer.start({}, ".");
    const terminal = new FakeTerminal({ isEndless: true });
    const address = ["-h", "127.0.0.1", "-p", `${server.port}`, "-i", "c", "-d"];
    const running = runClientTool(tool, [...address, ...args], terminal);
    const last = tool === "pub" ? "received CONNACK" : "received SUBACK";
    while (!terminal.output.includes(last)) await new Promise((resolve) => setTimeout(resolve, 1));
    terminal.interrupt("SIGINT");
    assert.equal(await running, exitCode, tool);
    await server.everybodyGone();
    assert.match(server.lines.at(-1) ?? "", /^DISCONNECT/, tool);
    assert.equal(terminal.listeners.size, 0);
  }
});

Deno.test("Ctrl-C while a tool ends already waits for nothing", async () => {
  await using server = await RecordingServer.start({ messages: [{}] }, ".");
  // A reader that takes nothing.
  const terminal = new FakeTerminal({ onWrite: () => new Promise(() => {}) });
  const args = ["-h", "127.0.0.1", "-p", `${server.port}`, "-t", "a", "-C", "1"];
  const running = runClientTool("sub", args, terminal);
  while (!server.lines.some((line) => line.startsWith("DISCONNECT"))) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  terminal.interrupt("SIGINT");
  assert.equal(await running, 130);
});
