/**
 * A store that may not be written, or not even read, by the user that the broker runs as.
 */
import assert from "node:assert/strict";
import { fromFileUrl } from "../../build/paths.ts";
import { linesUnprivileged, testWithModes } from "../support/unprivileged.ts";
import { temporaryFolder } from "./fixture.ts";

const user = new Deno.Command("id", { args: ["-un"] });

/** The lines that a scenario of `disk_scenarios.ts` prints, with U for who we are. */
async function run(scenario: string): Promise<string[]> {
  using folder = temporaryFolder();
  const program = fromFileUrl(new URL("./disk_scenarios.ts", import.meta.url));
  const name = new TextDecoder().decode((await user.output()).stdout).trim();
  try {
    const lines = await linesUnprivileged(program, [scenario, folder.path]);
    // Deno 2.9 says which file cannot be opened, 2.4 does not.
    return lines.map((line) =>
      line.replaceAll(folder.path, "F").replaceAll(`user ${name}`, "user U")
        .replace("file: F/broker.db:", "file:")
    )
      .filter((line) => !line.startsWith("not writable"));
  } finally {
    // Of a test that has failed half-way.
    await Deno.chmod(folder.path, 0o755);
  }
}

testWithModes(
  "a store in a read-only folder is loaded, and written to when that is possible",
  async () => {
    const lines = await run("readOnlyFolder");
    assert.deepEqual(lines.slice(1), [
      "writable false, loaded true",
      "attempt to write a readonly database: 'F' belongs to user U and has mode 0555, and the broker runs " +
      "as user U. This helps: sudo chmod u+rwx 'F'",
      "writable",
      "committed 1",
      "committed 2",
      'stored {"one":["t=before qos 1","t=while read-only qos 1"]}',
    ]);
  },
);

testWithModes("a store that belongs to another user is loaded if it may be read", async () => {
  const lines = await run("readableOfAnotherUser");
  assert.deepEqual(lines.slice(1), [
    "writable false, loaded true",
    "attempt to write a readonly database: 'F/broker.db' belongs to user 4321 and has mode 0644, " +
    "and the broker runs as user U. This helps: sudo chown root 'F/broker.db'",
    "writable",
    "committed 1",
    "committed 2",
    'stored {"one":["t=before qos 1","t=while it was not ours qos 1"]}',
  ]);
}, true);

testWithModes(
  "a store that only another user may read is left alone, and who helps is said",
  async () => {
    const lines = await run("privateOfAnotherUser");
    assert.deepEqual(lines.slice(1), [
      "writable false, loaded false",
      "unable to open database file: 'F/broker.db' belongs to user 4321 and has mode 0600, and the " +
      "broker runs as user U. This helps: sudo chown root 'F/broker.db'",
      "closed false",
      'stored {"one":["t=before qos 1"]}',
      "broker.db,broker.db.lock",
    ]);
  },
  true,
);
