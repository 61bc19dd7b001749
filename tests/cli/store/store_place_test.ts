import assert from "node:assert/strict";
import { resolve } from "node:path";
import { findStore, type StoreFlags, warnOfUnused } from "../../../src/cli/store/store_place.ts";
import { temporaryFolder } from "../../storage/fixture.ts";

/** Where the data is, and what was reported. */
async function find(flags: StoreFlags) {
  let reported = "";
  const terminal = { out: () => {}, err: (text: string) => void (reported += text) };
  const place = await findStore(flags, terminal);
  return { place, reported };
}

Deno.test("the data is in the file that is named, as it is named", async () => {
  assert.deepEqual(await find({ db: "some/data" }), {
    place: { path: "some/data", isNamed: true, isUsed: true },
    reported: "",
  });
});

Deno.test("without a name the data is in the default place", async () => {
  assert.deepEqual(await find({}), {
    place: { path: resolve("broker.db"), isNamed: false, isUsed: true },
    reported: "",
  });
});

Deno.test("the data is where a configuration says", async () => {
  using folder = temporaryFolder();
  const config = `${folder.path}/broker.yaml`;
  await Deno.writeTextFile(config, "persistence: {path: /data/b.db}\n");
  assert.deepEqual((await find({ config })).place, {
    path: resolve("/data/b.db"),
    isNamed: false,
    isUsed: true,
  });
  await Deno.writeTextFile(config, "persistence: {path: /data/b.db, durability: off}\n");
  assert.equal((await find({ config })).place?.isUsed, false);
});

Deno.test("errors of a configuration are all reported", async () => {
  using folder = temporaryFolder();
  const config = `${folder.path}/broker.yaml`;
  await Deno.writeTextFile(config, "persistense: 1\nsys_interval: x\n");
  const { place, reported } = await find({ config });
  assert.equal(place, undefined);
  assert.match(reported, /'persistense'[^]*sys_interval[^]*2 errors in /);
});

Deno.test("warnOfUnused() speaks only of data that the broker does not use", () => {
  let said = "";
  const terminal = { out: () => {}, err: (text: string) => void (said += text) };
  const place = { path: "b.db", isNamed: false };
  warnOfUnused({ ...place, isUsed: true }, "this is what follows", terminal);
  assert.equal(said, "");
  warnOfUnused({ ...place, isUsed: false }, "this is what follows", terminal);
  assert.equal(
    said,
    "Note: with 'durability: off' the broker neither reads nor writes data: this is what follows\n",
  );
});
