import assert from "node:assert/strict";
import { reportFailure, reportNoData } from "../../../src/cli/store/store_failure.ts";
import { StoreDamagedError, StoreInUseError } from "../../../src/storage/errors.ts";

const TASK = { cannot: "Cannot copy 'a'", ifDamaged: "Look at it" };

const IF_DENIED =
  "If it belongs to another user, as to that of the broker, try it with sudo. The file of a broker\n" +
  "(no backup) on a read-only disk has to be copied to another disk first\n";

/** The exit code, and what is said about an error. */
async function reported(error: unknown): Promise<[number, string]> {
  let text = "";
  const terminal = { out: () => {}, err: (written: string) => void (text += written) };
  return [await reportFailure(TASK, error, terminal), text];
}

Deno.test("a store in use ends with 3, and says what to do", async () => {
  assert.deepEqual(await reported(new StoreInUseError("/data/b.db")), [
    3,
    "Cannot copy 'a': a broker uses '/data/b.db'\n" +
    "Stop the broker first, as with 'sudo systemctl stop broker', and start it again afterwards\n",
  ]);
});

Deno.test("what is wrong with a file or a disk ends with 1, and says what helps", async () => {
  const cases: [Error, string][] = [
    [new StoreDamagedError("a page is missing"), ": a page is missing\nLook at it\n"],
    [new Error("file is not a database"), ": file is not a database\nLook at it\n"],
    [
      new Error("database or disk is full"),
      ": the disk is full\nNothing was changed. Make room, or use another disk\n",
    ],
    [
      new Deno.errors.PermissionDenied("open 'x'"),
      `: open 'x'\n${IF_DENIED}`,
    ],
    [
      new Error("unable to open database file"),
      `: unable to open database file\n${IF_DENIED}`,
    ],
    [new Error("'x' is a folder"), ": 'x' is a folder\n"],
  ];
  for (const [error, text] of cases) {
    assert.deepEqual(await reported(error), [1, `Cannot copy 'a'${text}`]);
  }
});

Deno.test("an error that is a whole sentence is not put into another one", async () => {
  assert.deepEqual(await reported(new Error("Cannot read '\x1b'")), [1, "Cannot read '\\x1b'\n"]);
});

Deno.test("mistakes of the program are thrown on", async () => {
  for (const error of [new TypeError("x"), new RangeError("x"), "x"]) {
    await assert.rejects(reported(error), (thrown) => thrown === error);
  }
});

Deno.test("where no data is it is said where that was looked for, and how to name it", () => {
  const texts: string[] = [];
  const terminal = { out: () => {}, err: (written: string) => void texts.push(written) };
  const path = "/data/b.db";
  assert.equal(reportNoData({ path, isNamed: false, isUsed: true }, terminal), 1);
  assert.equal(reportNoData({ path, isNamed: true, isUsed: true }, terminal), 1);
  assert.equal(reportNoData({ path, isNamed: false, isUsed: false }, terminal), 1);
  const first = "Cannot find the broker's data: there is no file '/data/b.db'\n";
  assert.deepEqual(texts, [
    first +
    "Name the configuration of the broker (--config broker.yaml) or the file itself\n" +
    "(--db /var/lib/broker/broker.db). A path in the configuration that is relative starts from\n" +
    "the folder that the broker is started in, or from $STATE_DIRECTORY if systemd starts it\n",
    first,
    `${first}With 'durability: off', as in this configuration, the broker writes none\n`,
  ]);
});
