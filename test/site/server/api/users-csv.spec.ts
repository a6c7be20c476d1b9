// SPDX-License-Identifier: Apache-2.0

/** People in and out as CSV: what a spreadsheet writes, what it must not run, and what of a bad file is said. */
import { assert } from "chai";
import { TestSite } from "../test-site.js";

const ADA = "2b7d9ce0114f6685";
const BEN = "00112233445566aa";

describe("people as CSV", () => {
	let site: TestSite;

	beforeEach(async () => {
		site = new TestSite();
		await site.start();
		await site.ask("PUT", "/api/plan", {
			body: {
				site: "ACME",
				timeZone: "UTC0",
				accessPlans: { staff: [{ schedule: "always" }], "night shift": [{ schedule: "always" }] },
				doors: { FRONT: {} },
				users: [
					{ name: "Ada", accessPlans: ["staff"], override: true, credentials: [{ id: ADA }] },
					{ name: "Ben", accessPlans: [], credentials: [{ id: BEN }] },
				],
			},
		});
	});
	afterEach(async () => {
		await site.end();
		assert.deepEqual(site.said, []);
	});

	const send = async (csv: string, apply = false) => {
		const { body, status, text } = await site.ask("POST", "/api/users/import", { body: { csv, apply } });
		assert.equal(status, 200, text);
		return body;
	};
	const userNamed = async (name: string) =>
		(await site.ask("GET", `/api/users?search=${encodeURIComponent(name)}`)).body.users[0];
	const exported = async (): Promise<string> => (await site.ask("GET", "/api/users/export")).text;
	const reasons = async (csv: string): Promise<string[]> =>
		(await send(csv, true)).errors.map(
			({ column, line, reason, value }: Record<string, string>) => `${line} ${column} ${reason} ${value}`,
		);

	it("come in from a spreadsheet's file: looked at first, then whole, as one action without names", async () => {
		const file = [
			"\ufeffName;E-Mail;email;Access plans;from;until;Paused;Remark",
			"Cleo;;cleo@example.com;staff; 2030-01-01;2030-06-30;no;likes tea",
			'"Dörfler, ""Doc""";;;staff\u003b night shift;;;ja;',
			"",
		]
			.join("\r\n")
			.replace("staff; night shift", '"staff; night shift"');
		const looked = await send(file);
		assert.deepInclude(looked, {
			applied: false,
			added: 2,
			changed: 0,
			wrong: 0,
			ignored: ["E-Mail", "Remark"],
		});
		assert.deepEqual(
			looked.lines.map(({ line, name, what }: Record<string, unknown>) => [line, what, name]),
			[
				[2, "add", "Cleo"],
				[3, "add", 'Dörfler, "Doc"'],
			],
		);
		assert.isUndefined(await userNamed("Cleo"), "nothing has changed yet");
		assert.isTrue((await send(file, true)).applied);
		assert.deepInclude(await userNamed("Cleo"), {
			email: "cleo@example.com",
			accessPlans: ["staff"],
			from: "2030-01-01",
			until: "2030-06-30",
		});
		assert.deepInclude(await userNamed("dorfler"), {
			suspended: true,
			accessPlans: ["staff", "night shift"],
		});
		const actions = await site.server.site.store.actions.after(0, 1000);
		assert.deepInclude(actions.at(-1), { what: "import-users", details: { added: 2, changed: 0 } });
		assert.notInclude(JSON.stringify(actions), "Cleo");
	});

	it("go out as a file that comes in again and changes nothing, and that no spreadsheet runs", async () => {
		const names = ["=HYPERLINK(1)", "+1", "-1", "@x", "Plain"];
		for (const name of names)
			await site.ask("POST", "/api/users", { body: { name, phone: "+43 660 1", accessPlans: ["staff"] } });
		const file = await exported();
		for (const cell of file.split(/[,\r\n]+/)) assert.notMatch(cell.replaceAll('"', ""), /^[=+\-@\t]/, file);
		const { added, changed, same, wrong } = await send(file);
		assert.deepEqual({ added, changed, same, wrong }, { added: 0, changed: 0, same: 7, wrong: 0 });
		const ada = await userNamed("Ada");
		await send(file.replace(",Ada,", ",Ada Lovelace,"), true);
		assert.deepEqual(await userNamed("Ada"), { ...ada, name: "Ada Lovelace" }, "all else stays");
	});

	it("change with their id or e-mail address what the file has columns for, and lose no credential", async () => {
		const { id } = await userNamed("Ben");
		await send(`id,name,email\n${id},Benjamin,ben@example.com`, true);
		await send("name,email,credentials\nBen B,BEN@example.com,00000000000000B2", true);
		const { credentials, email, name } = await userNamed("Ben");
		assert.deepEqual([name, email], ["Ben B", "BEN@example.com"]);
		assert.deepEqual(
			credentials.map(({ id }: { id: string }) => id),
			[BEN, "00000000000000b2"],
		);
	});

	it("are refused line by line, and not one of the others is taken", async () => {
		const { id } = await userNamed("Ben");
		const file = [
			"id,name,email,access_plans,from,until,paused,credentials",
			",Good,,staff,,,,",
			",,,,,,,",
			",  ,x@example.com,,,,,",
			"none,Zed,,,,,,",
			`${id},Ben,,,,,,`,
			`${id},Ben again,,,,,,`,
			",Eve,eve at home,,,,,",
			",Eve,,unknown,,,,",
			",Eve,,,1.1.2030,,,",
			",Eve,,,,2030-13-45,,",
			",Eve,,,,,perhaps,",
			",Eve,,,,,,xyz",
			`,Eve,,,,,,${ADA}`,
		].join("\n");
		assert.deepEqual(await reasons(file), [
			"4 name no-name ",
			"5 id unknown-id none",
			"7 id twice Ben",
			"8 email bad-email eve at home",
			"9 access_plans unknown-plan unknown",
			"10 from bad-date 1.1.2030",
			"12 paused bad-paused perhaps",
			"13 credentials bad-credential xyz",
			`14 credentials taken-credential ${ADA}`,
		]);
		assert.isUndefined(await userNamed("Good"));
		const [dated] = await reasons("name,until\nGood,\nEve,2030-13-45");
		assert.match(dated!, /^3 null bad-plan is a day that does not exist/);
	});

	it("lose no credential that a phone got while the file was looked at", async () => {
		const { id } = await userNamed("Ben");
		const { planner } = site.server.site;
		const edit = planner.edit.bind(planner);
		planner.edit = async (...all) => {
			planner.edit = edit;
			const ben = planner.content.users.find((user) => user.id === id)!;
			const phone = { id: "00000000000000f1", entry: {}, publicKey: undefined, issued: undefined };
			const credentials = [...ben.credentials, phone];
			await edit([{ kind: "user", id, user: { ...ben, credentials } }]);
			return edit(...all);
		};
		await send(`id,name\n${id},Benjamin`, true);
		const { credentials, name } = await userNamed("Benjamin");
		assert.equal(name, "Benjamin");
		assert.deepEqual(
			credentials.map(({ id, revoked }: { id: string; revoked?: boolean }) => [id, revoked ?? false]),
			[
				[BEN, false],
				["00000000000000f1", false],
			],
		);
	});

	it("bring no credential back that was revoked", async () => {
		const { id } = await userNamed("Ben");
		await site.ask("DELETE", `/api/users/${id}`);
		const [refused] = await reasons(`name,credentials\nBen,${BEN}`);
		assert.match(refused!, /^2 null bad-plan .*was revoked/);
	});

	it("are refused as a file that is none, or too large, with what is wrong", async () => {
		const refused = async (csv: string): Promise<string> => {
			const { body } = await site.ask("POST", "/api/users/import", { body: { csv } });
			return body.reason;
		};
		assert.equal(await refused(""), "no-names");
		assert.equal(await refused("who\nAda"), "no-names");
		assert.equal(await refused('name\n"Ada'), "bad-csv");
		assert.equal(await refused(`name\n${"x\n".repeat(20_001)}`), "too-many-lines");
		assert.equal(await refused("x".repeat(4 * 1024 * 1024)), "too-large");
	});

	it("come in by the ten thousand as one edit", async () => {
		const lines = Array.from({ length: 10_000 }, (_, i) => `Person ${i},p${i}@example.com,staff`);
		const file = ["name,email,access_plans", ...lines].join("\n");
		let edits = 0;
		const { planner } = site.server.site;
		const edit = planner.edit.bind(planner);
		planner.edit = (...all) => {
			edits++;
			return edit(...all);
		};
		assert.deepInclude(await send(file, true), { applied: true, added: 10_000 });
		assert.equal(edits, 1);
		assert.equal((await site.ask("GET", "/api/users?search=person&limit=1")).body.total, 10_000);
		await site.server.close();
		await site.start();
		assert.equal((await site.ask("GET", "/api/users")).body.total, 10_002, "they are in the store");
	});
});
