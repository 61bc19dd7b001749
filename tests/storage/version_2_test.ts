/**
 * What becomes of a file of version 2, which did not know when a message was retained, and by whom.
 */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { newMessage, temporaryFolder } from "./fixture.ts";
import { OLD_TABLES } from "./old_tables.ts";
import { Writer } from "../../src/protocol/writer.ts";
import { inspectStore } from "../../src/storage/offline.ts";
import { openAndLoad } from "../../src/storage/open_file.ts";
import { PendingChanges } from "../../src/storage/pending_changes.ts";
import { SCHEMA_VERSION } from "../../src/storage/schema.ts";
import { LoadedState } from "../../src/storage/stored_state.ts";

const OFFSET_MS = 1_700_000_000_000;

const SESSION = "48050000000040774b410000a44affbc784203616e6e0667617264656e09313932" +
  "2e302e322e37010167e3cf1518";

/** As the program wrote it whose format had version 2: the bytes are never made anew. */
const STATEMENTS = `
  PRAGMA auto_vacuum = INCREMENTAL;
  PRAGMA application_id = 1297175636;
  PRAGMA user_version = 2;
  ${OLD_TABLES}
  INSERT INTO session VALUES (1, 'one', x'${SESSION}');
  INSERT INTO subscription VALUES (1, 1, 'a/#', x'110048331bfd');
  INSERT INTO outgoing VALUES (1, 1, 0, 0, 0, 4218009092,
    x'0100010003612f31007761697473508d8e84');
  INSERT INTO retained VALUES (1, 'r/1', x'010003722f31006b65707434161813');
  INSERT INTO retained VALUES (2, 'r/2',
    x'0a00004a59ffbc78420003722f320073686f7274959ebad4');
`;

function makeVersion2(path: string): void {
  const database = new DatabaseSync(path);
  database.exec(STATEMENTS);
  database.close();
}

/** Everything that there is of retained messages. */
function retainedIn(path: string) {
  return [...inspectStore(path).retained].map(({ topicName, payload, qos, ...rest }) => ({
    text: `${topicName}=${new TextDecoder().decode(payload)} qos ${qos}`,
    expiresAtMs: rest.expiresAtMs,
    retainedAtMs: rest.retainedAtMs,
    publisher: rest.publisher,
  }));
}

const UNKNOWN = { retainedAtMs: undefined, publisher: undefined };
const RETAINED = [
  { text: "r/1=kept qos 1", expiresAtMs: Infinity, ...UNKNOWN },
  { text: "r/2=short qos 2", expiresAtMs: OFFSET_MS + 1_060_000, ...UNKNOWN },
];

Deno.test("a file of version 2 is read in full, its retained messages without their times", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  makeVersion2(path);
  const { version, damage, sessions } = inspectStore(path);
  assert.deepEqual([version, damage.rows, damage.gaps], [2, 0, 0]);
  const [session, ...others] = [...sessions];
  assert.deepEqual(others, []);
  assert.deepEqual(
    [session?.clientIdentifier, session?.username, session?.listener, session?.address],
    ["one", "ann", "garden", "192.0.2.7"],
  );
  assert.deepEqual(session?.subscriptions.map(({ replayPending }) => replayPending), [true]);
  assert.deepEqual(session?.outgoing.map(({ topicName }) => topicName), ["a/1"]);
  assert.deepEqual(retainedIn(path), RETAINED);
});

Deno.test("a file of version 2 gets the current version, and the times of what is retained anew", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  makeVersion2(path);
  const changes = new PendingChanges();
  const state = new LoadedState(changes, () => {});
  const { file, repair } = openAndLoad(
    path,
    0,
    (chunk) => state.add(chunk),
    () => assert.fail("it was taken for damaged"),
  );
  assert.equal(repair, undefined);
  state.complete({ offsetMs: OFFSET_MS, nowMs: 1_000_000 });
  assert.deepEqual(
    [...state.retained].map(({ retainedAtMs, publisher }) => [retainedAtMs, publisher]),
    [[undefined, undefined], [undefined, undefined]],
  );
  const anew = newMessage("r/1", "new");
  anew.noteRetained("kitchen", { nowMs: () => 1_000_900 });
  changes.saveRetained(anew);
  const writer = new Writer();
  changes.take(writer, OFFSET_MS);
  file.apply(writer.written().slice());
  file.close();
  assert.equal(inspectStore(path).version, SCHEMA_VERSION);
  assert.deepEqual(retainedIn(path), [
    {
      text: "r/1=new qos 1",
      expiresAtMs: Infinity,
      retainedAtMs: OFFSET_MS + 1_000_000,
      publisher: "kitchen",
    },
    RETAINED[1],
  ]);
});
