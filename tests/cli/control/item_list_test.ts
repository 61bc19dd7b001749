import assert from "node:assert/strict";
import { ItemList, type ListForm } from "../../../src/cli/control/item_list.ts";
import { captured } from "./fixture.ts";

interface Item {
  readonly name: string;
  readonly size: number;
}

const FORM: ListForm<Item> = {
  key: "things",
  none: "There are none",
  columns: [{ title: "NAME" }, { title: "SIZE", isNumber: true }],
  rows: ({ name, size }) => [[name, String(size)]],
  orderOf: ({ name }) => name,
};

const ITEMS: readonly Item[] = [
  { name: "b", size: 10 },
  { name: "a\x1b", size: 2 },
  { name: "c", size: 300 },
];

function listed(items: readonly Item[], json: boolean, mostSorted?: number, tail = {}) {
  return captured((terminal) => {
    const options = { json, terminal, ...(mostSorted === undefined ? {} : { mostSorted }) };
    const list = new ItemList(FORM, options);
    for (const item of items) list.add(item);
    list.end(tail);
    return Promise.resolve(0);
  });
}

Deno.test("ItemList shows a table in order, without control characters in force", async () => {
  const { out, err } = await listed(ITEMS, false);
  assert.equal(out, "NAME   SIZE\na\\x1b     2\nb        10\nc       300\n");
  assert.equal(err, "");
  assert.equal((await listed([], false)).out, "There are none\n");
});

Deno.test("ItemList writes one JSON document, in order", async () => {
  const { out } = await listed(ITEMS, true, undefined, { count: 3 });
  assert.deepEqual(JSON.parse(out), {
    things: [ITEMS[1], ITEMS[0], ITEMS[2]],
    count: 3,
  });
  assert.ok(!out.includes("\x1b"));
  assert.deepEqual(JSON.parse((await listed([], true)).out), { things: [] });
});

Deno.test("ItemList does not collect what is too much to be sorted, and says so", async () => {
  for (const json of [false, true]) {
    const { out, err } = await listed(ITEMS, json, 2);
    assert.equal(err, "More than 2: in the order of the broker\n");
    if (json) assert.deepEqual(JSON.parse(out), { things: ITEMS });
    else assert.deepEqual(out.split("\n").map((line) => line[0]), ["N", "b", "a", "c", undefined]);
  }
});

Deno.test("ItemList shows the first ones in order, and how many more there are", async () => {
  const { out } = await captured((terminal) => {
    const list = new ItemList(FORM, { json: false, terminal, mostShown: 1 });
    for (const item of ITEMS) list.add(item);
    list.end();
    return Promise.resolve(0);
  });
  assert.equal(out, "NAME   SIZE\na\\x1b     2\n... and 2 more\n");
});

Deno.test("ItemList writes in blocks", async () => {
  let writes = 0;
  const terminal = { out: () => void writes++, err: () => {} };
  const list = new ItemList(FORM, { json: true, terminal });
  for (let made = 0; made < 10_000; made++) list.add({ name: `n${made}`, size: made });
  list.end();
  assert.ok(writes > 5 && writes < 20, `${writes} writes`);
  await Promise.resolve();
});
