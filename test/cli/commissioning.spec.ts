// SPDX-License-Identifier: Apache-2.0

import {
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { NodeRandom } from "../../hal/node/random.js";
import { Holder, type HolderResult } from "../../phone/holder.js";
import { fromHex, toHex, utf8Encode } from "../../protocol/bytes.js";
import { EDDSA, signer } from "../../protocol/credential/cose.js";
import { byKcwt } from "../../protocol/edhoc/id-cred.js";
import type { XsEngine } from "../../sim/engine/xs.js";
import { plugInConsole } from "../../sim/pty/console.js";
import type { PseudoTerminal } from "../../sim/pty/pty.js";
import { SeededRandom } from "../../sim/random.js";
import { RealTime } from "../../sim/realtime.js";
import { World } from "../../sim/world.js";
import { readLists } from "../../site/lib/keys.js";
import { openRootKey } from "../../site/lib/root/root-key.js";
import { ConfigStore } from "../../src/config/store.js";
import { engineFor, needs } from "../sim/installed.js";
import { root } from "../support/host.js";
import { PASSPHRASE } from "../support/site-files.js";
import { Lintel } from "./lintel.js";
import { readmeCommands } from "./readme.js";
import { leaks } from "./secrets.js";

const PASSWORD = "correct horse";
/** Seconds of the world in one here. */
const SPEED = { Node: 16, XS: 4 };

for (const name of ["Node", "XS"] as const) describeRun(name);

function describeRun(name: "Node" | "XS"): void {
	describe(`from the factory to the first tap, by the README's commands alone, the firmware on ${name}`, function () {
		this.timeout(240_000);
		let engine: XsEngine | undefined;
		const crypto = new NodeCrypto();
		const phones = [1, 2].map((n) => crypto.ed25519KeyPair(new Uint8Array(32).fill(n)));
		/** All that the commands said. */
		let said = "";
		/** All that they were called with. */
		let called = "";
		/** All bytes on the cable. */
		const cable = { fromReader: [] as Uint8Array[], toReader: [] as Uint8Array[] };
		let trace = "";
		let folder: string;
		let world: World;
		let real: RealTime;
		let terminal: PseudoTerminal;

		before(async function () {
			needs(this, { socat: "socat" });
			if (name === "XS") engine = engineFor(this);
			folder = mkdtempSync(join(tmpdir(), "lintel-commission-"));
			symlinkSync(join(root, "examples"), join(folder, "examples"));
			process.chdir(folder);
			world = new World({
				seed: 3,
				crypto,
				factory: true,
				// Small, for at 115200 baud the simulator's own size takes 12 s to read.
				logSize: 16 * 1024,
				...(engine && { start: engine.start }),
			});
			world.onTrace = (text) => {
				trace += `${text}\n`;
			};
			world.powerOn();
			real = new RealTime(world.time, SPEED[name]).start();
			terminal = await plugInConsole(world, real);
			const { onHost } = world.console;
			world.console.onHost = (...args) => {
				cable.fromReader.push(args[0].slice());
				onHost?.(...args);
			};
			const send = world.console.send.bind(world.console);
			world.console.send = (bytes) => {
				cable.toReader.push(bytes.slice());
				send(bytes);
			};
		});

		after(() => {
			real?.stop();
			terminal?.close();
			engine?.close();
			process.chdir(root);
			if (folder) rmSync(folder, { recursive: true, force: true });
		});

		/** One line of a shell in the installer's folder: `npx lintel …`, its output in a file where `>` stands. */
		async function run(line: string, input = "", expected = 0): Promise<string> {
			called += `${line}\n`;
			const [command, file] = line.replace(/ #.*/, "").split(">");
			const [npx, lintel, ...args] = command!.trim().split(/ +/);
			assert.deepEqual([npx, lintel], ["npx", "lintel"]);
			const { code, out, err } = await new Lintel(args, { input }).ended;
			said += out + err;
			assert.equal(code, expected, `${line}\n${out}${err}`);
			if (file === undefined) return out;
			writeFileSync(file.trim(), out);
			return "";
		}

		const withPort = (line: string): string =>
			line.replaceAll("PORT", terminal.path).replaceAll("KEY", toHex(phones[0]!.publicKey));

		const lintel = (line: string, input?: string): Promise<string> =>
			run(withPort(`npx lintel ${line} --port PORT`), input);

		it("commissions the reader, tests it and gives it its plan", async () => {
			const [commands, more] = readmeCommands();
			assert.isAtLeast(commands!.length, 9);
			assert.lengthOf(more!, 2);
			for (const command of commands!) await run(withPort(command), PASSPHRASE);
			const report = JSON.parse(await lintel("report --site-key site-key.json --json"));
			assert.equal(report.info.door, "front");
			assert.deepInclude(report.state, { plan: 1, credentials: 4, trust: "restored" });
			assert.match(readFileSync(join(folder, "report.html"), "utf8"), /<td>front<\/td>/);
		});

		it("opens the door to the phone that the plan lists, and to no other", async () => {
			const key = toHex(phones[1]!.publicKey);
			await run(`npx lintel credential issue --site-key site-key.json --public-key ${key} --out other.cwt`);
			real.now(() => world.time.runUntil(() => !world.door.relay.on, 24_000));
			assert.isFalse(world.door.relay.on, "the test's pulse is over");
			const results: HolderResult[] = [];
			for (const [n, name] of ["phone.cwt", "other.cwt"].entries()) {
				const cwt = new Uint8Array(readFileSync(join(folder, name)));
				const holder = new Holder({
					crypto,
					random: new NodeRandom(),
					credential: { ...byKcwt(cwt), ...signer(crypto, EDDSA, phones[n]!.secretKey) },
					suite: 4,
					trust: readLists(join(folder, "site.json"), crypto).trust,
					onResult: (result) => results.push(result),
				});
				const card = world.phones.of(holder);
				real.now(() => {
					world.board.field.present(card);
					world.time.runUntil(() => results.length > n, 16_000);
					world.board.field.remove(card);
				});
				if (n === 0) assert.isTrue(world.door.relay.on, "the strike is released");
				real.now(() => world.time.run(2400));
			}
			assert.deepEqual(
				results.map((result) =>
					result.kind === "decision" ? result.decision?.reason : result.error.message,
				),
				["granted", "unknown-credential"],
			);
		});

		it("keeps a log that the reader's key verifies, from before it had one, and none that was changed", async () => {
			let words = "";
			for (const command of readmeCommands()[1]!) words = await run(withPort(command));
			const lines = read("log.jsonl").trimEnd().split("\n");
			const first = lines.findIndex((line, i) => i > 0 && line.includes('"checkpoint"'));
			assert.match(words, /^intact\n/);
			assert.match(
				words,
				new RegExp(`\\n {2}records? 1 (is|to ${first} are) from before this reader had its key; `),
			);
			assert.deepInclude(JSON.parse(lines[first]!), { serial: first + 1, event: "restart" });
			const tap = lines.findIndex((line) => /"event":"decision","what":"granted/.test(line));
			assert.isAbove(tap, first);

			const { info } = JSON.parse(read("report.json"));
			const verified = JSON.parse(
				await lintel(`log verify --site-key site-key.json --reader-key ${info.key} --json`),
			);
			assert.deepInclude(verified, { intact: true, first: 1, problems: [], gaps: [] });
			assert.deepInclude(verified.earlier[0], { from: 1, to: first, vouchedBy: first + 1 });
			assert.closeTo(verified.earlier[0].vouchedAt, Date.now() / 1000, 3600);
			await lintel("fetch-log log.bin --site-key site-key.json");
			await run("npx lintel log verify --image log.bin --reader-key report.json");

			const refuse = async (
				bytes: string | Uint8Array,
				source: string,
				key = "report.json",
			): Promise<string> => {
				writeFileSync(join(folder, "changed"), bytes);
				return run(`npx lintel log verify ${source} changed --reader-key ${key}`, "", 1);
			};
			const changed = (n: number, from: RegExp, to: string): string =>
				lines.map((line, i) => (i === n ? line.replace(from, to) : line)).join("\n");
			const signature = /(?<="checkpoint":"\w{200})\w{2}/;
			const byte = signature.exec(lines[first]!)![0];
			const forgeries = {
				"an event from before the key": changed(0, /"value":0/, '"value":1'),
				"who came": changed(tap, /"subject":"../, '"subject":"ff'),
				"what was decided": changed(tap, /"detail":\d+/, '"detail":1'),
				"the tap left out": lines.filter((_, i) => i !== tap).join("\n"),
				"what is from before the key alone": lines.slice(0, first).join("\n"),
				"a signature": changed(first, signature, byte === "ff" ? "00" : "ff"),
			};
			for (const [what, text] of Object.entries(forgeries)) {
				assert.notEqual(text, lines.join("\n"), what);
				assert.match(await refuse(text, "--export"), /^NOT INTACT: first bad or missing serial \d+ /, what);
			}
			// Cut off behind what the report has seen it is an earlier log, which nothing in it shows.
			const { events } = JSON.parse(read("report.json")).state;
			await refuse(lines.slice(0, events - 1).join("\n"), "--export").then((said) =>
				assert.match(
					said,
					new RegExp(`^NOT INTACT: first bad or missing serial ${events} \\(behind-site\\)`),
				),
			);
			const image = readFileSync(join(folder, "log.bin"));
			// A bit of the first record's time, in the sector that was begun without a key.
			image[160 + 7]! ^= 1;
			assert.match(await refuse(image, "--image"), /^NOT INTACT: first bad or missing serial 1 /);
			const other = toHex(phones[0]!.publicKey);
			assert.match(await refuse(lines.join("\n"), "--export", other), /^NOT INTACT[\s\S]*other-reader/);
		});

		it("lets no secret out: not by arguments, output, reports, logs, or the cable", async () => {
			await lintel("wifi join Building --site-key site-key.json", PASSWORD);
			await lintel("show");
			await lintel("wifi scan --json --site-key site-key.json");
			await lintel("apply examples/single-door.json --site-key - --dry-run", read("site-key.json"));
			await lintel("watch --seconds 1 --site-key site-key.json");
			await lintel("log verify --site-key site-key.json");
			writeFileSync(join(folder, "log.jsonl"), await lintel("log export --site-key site-key.json"));
			await lintel("fetch-log log.bin --site-key site-key.json");
			await lintel("report --site-key site-key.json --out second.html");

			const store = new ConfigStore(world.flash.config, world.sealed(), crypto, new SeededRandom(1));
			store.open();
			const [ed25519, p256] = store.keys!;
			const secrets = {
				"Wi-Fi password": utf8Encode(PASSWORD),
				"root's passphrase": utf8Encode(PASSPHRASE),
				"root's key": openRootKey(join(folder, "root-key.json"), PASSPHRASE, crypto).secretKey.subarray(
					0,
					32,
				),
				"site's key": fromHex(JSON.parse(read("site-key.json")).keys[0].seed),
				"reader's Ed25519 key": ed25519!.secretKey.subarray(0, 32),
				"reader's P-256 key": p256!.secretKey,
				"phone's key": phones[0]!.secretKey.subarray(0, 32),
			};
			// The search finds them where they belong, in each form.
			const kept = ["Wi-Fi password", "reader's Ed25519 key", "reader's P-256 key"];
			assert.deepEqual(leaks(world.flash.config.bytes, secrets), kept);
			assert.deepEqual(leaks(read("site-key.json"), secrets), ["site's key"]);
			for (const [name, secret] of Object.entries(secrets))
				for (const shift of [0, 1, 2]) {
					const text = Buffer.concat([Buffer.alloc(shift, 7), secret, Buffer.alloc(4, 9)]).toString("base64");
					assert.deepEqual(leaks(text, secrets), [name]);
				}

			const places: Record<string, Uint8Array | string> = {
				output: said,
				arguments: called,
				trace,
				"the reader's words on the cable": Buffer.concat(cable.fromReader),
				"flash for the log": world.flash.log.bytes,
				"flash for the plan": world.flash.plan.bytes,
			};
			for (const name of readdirSync(folder))
				if (name !== "site-key.json" && statSync(join(folder, name)).isFile())
					places[`file ${name}`] = new Uint8Array(readFileSync(join(folder, name)));
			assert.includeMembers(Object.keys(places), ["file report.html", "file log.jsonl", "file log.bin"]);
			for (const [place, text] of Object.entries(places)) {
				assert.isAbove(text.length, place === "trace" ? -1 : 0, place);
				assert.deepEqual(leaks(text, secrets), [], place);
			}
			// The password has to reach the reader; nothing else may.
			assert.deepEqual(leaks(Buffer.concat(cable.toReader), secrets), ["Wi-Fi password"]);
		});

		function read(name: string): string {
			return readFileSync(join(folder, name), "utf8");
		}
	});
}
