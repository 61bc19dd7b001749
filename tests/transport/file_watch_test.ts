import assert from "node:assert/strict";
import { FileWatch } from "../../src/transport/file_watch.ts";
import { settled } from "../net/fake_sink.ts";
import { FakeTimers } from "../net/fake_timers.ts";

/** A watch of paths in a folder of its own, with timers that the test moves. */
class WatchFixture implements Disposable {
  readonly timers = new FakeTimers();
  readonly watch: FileWatch;
  readonly folder: string;
  changes = 0;

  constructor(prepare: (folder: string) => string[]) {
    this.folder = Deno.makeTempDirSync({ prefix: "broker-watch-test-" });
    this.watch = new FileWatch(prepare(this.folder), () => this.changes++);
  }

  /** Waits until the system has told of a change: then a second timer runs beside the minute's. */
  async noticed(): Promise<void> {
    const endMs = performance.now() + 30_000;
    while (this.timers.count < 2) {
      assert(performance.now() < endMs, "Cannot wait longer for a notification of the system");
      await settled();
    }
  }

  [Symbol.dispose](): void {
    this.watch.close();
    this.timers[Symbol.dispose]();
    Deno.removeSync(this.folder, { recursive: true });
  }
}

function write(path: string, text: string): string {
  Deno.writeTextFileSync(path, text);
  return path;
}

Deno.test("FileWatch tells of a file that is written to, once it has been quiet for a second", async () => {
  using fixture = new WatchFixture((folder) => [write(`${folder}/a`, "1")]);
  write(`${fixture.folder}/a`, "2");
  await fixture.noticed();
  fixture.timers.advance(999);
  assert.equal(fixture.changes, 0);
  fixture.timers.advance(1);
  assert.equal(fixture.changes, 1);
});

Deno.test("FileWatch tells of a file that is replaced, and of one that was not there before", async () => {
  using fixture = new WatchFixture((folder) => [`${folder}/a`]);
  write(`${fixture.folder}/a`, "1");
  await fixture.noticed();
  fixture.timers.advance(1000);
  assert.equal(fixture.changes, 1);
  await Deno.rename(write(`${fixture.folder}/a.new`, "2"), `${fixture.folder}/a`);
  await fixture.noticed();
  fixture.timers.advance(1000);
  assert.equal(fixture.changes, 2);
});

if (Deno.build.os !== "windows") {
  Deno.test("FileWatch follows links, as certbot replaces them, and watches where they lead", async () => {
    using fixture = new WatchFixture((folder) => {
      Deno.mkdirSync(`${folder}/live`);
      for (const name of ["one", "two"]) {
        Deno.mkdirSync(`${folder}/${name}`);
        write(`${folder}/${name}/cert`, name);
      }
      Deno.symlinkSync("../one/cert", `${folder}/live/cert`);
      return [`${folder}/live/cert`];
    });
    const { folder, timers } = fixture;
    write(`${folder}/one/cert`, "in place");
    await fixture.noticed();
    timers.advance(1000);
    assert.equal(fixture.changes, 1, "written to where the link leads");
    await Deno.symlink("../two/cert", `${folder}/live/new`);
    await Deno.rename(`${folder}/live/new`, `${folder}/live/cert`);
    await fixture.noticed();
    timers.advance(1000);
    assert.equal(fixture.changes, 2, "link replaced");
    write(`${folder}/two/cert`, "in place again");
    await fixture.noticed();
    timers.advance(1000);
    assert.equal(fixture.changes, 3, "written to where the new link leads");
  });
}

Deno.test("FileWatch looks once a minute where nothing is told", () => {
  using fixture = new WatchFixture(() => ["/nonexistent/folder/a"]);
  fixture.timers.advance(59_999);
  assert.equal(fixture.changes, 0);
  fixture.timers.advance(60_001);
  assert.equal(fixture.changes, 2);
});

Deno.test("FileWatch.close() ends it all", () => {
  using fixture = new WatchFixture((folder) => [`${folder}/a`]);
  fixture.watch.close();
  assert.equal(fixture.timers.count, 0);
});
