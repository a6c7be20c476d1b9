// SPDX-License-Identifier: Apache-2.0

/** A manager of some doors: what this person sees and changes of people, doors, plans and the log. */
import { assert } from "chai";
import type { UserEntry } from "../../../../site/lib/plan/document.js";
import { mayOn, mayOnUser, planFor } from "../../../../site/server/api/rights.js";
import { type Answer, TestSite } from "../test-site.js";

describe("a manager of some doors", () => {
	const rule = (doors?: string[]): { schedule: string; doors?: string[] } => ({
		schedule: "always",
		...(doors && { doors }),
	});
	const document = {
		...{ site: "ACME", timeZone: "UTC0", doors: { HALL: {}, LIFT: {}, YARD: {} }, listElsewhere: false },
		accessPlans: {
			hall: [rule(["HALL"])],
			both: [rule(["HALL"]), rule(["LIFT"])],
			yard: [rule(["YARD"])],
			mixed: [rule(["HALL", "YARD"])],
			every: [rule()],
			none: [],
		},
		users: ["hall", "both", "yard", "mixed", "every", "none"].map(
			(plan): UserEntry => ({ name: plan, accessPlans: [plan], credentials: [] }),
		),
	};
	const manager = { doors: new Set(["HALL", "LIFT"]) };

	it("has those people all of whose doors are theirs, and at least one: none of every door's, none without a door", () => {
		const may = (...accessPlans: string[]): boolean => mayOnUser(manager, document, { accessPlans });
		assert.isTrue(may("hall"));
		assert.isTrue(may("both"));
		assert.isTrue(may("hall", "both", "none"));
		for (const plan of ["yard", "mixed", "every", "none"]) assert.isFalse(may(plan), plan);
		assert.isFalse(may("hall", "yard"));
		assert.isFalse(may());
		assert.isFalse(may("__proto__"), "a plan that is not there");
		assert.isTrue(mayOnUser({ doors: undefined }, document, { accessPlans: ["every"] }), "others have all");
		assert.isFalse(mayOn(manager, []));
	});

	it("sees of the plan these doors, the access plans and people that are all theirs", () => {
		const { accessPlans, doors, users } = planFor(manager, document);
		assert.sameMembers(Object.keys(accessPlans), ["hall", "both"]);
		assert.sameMembers(Object.keys(doors), ["HALL", "LIFT"]);
		assert.deepEqual(
			users.map(({ name }) => name),
			["hall", "both"],
		);
		assert.equal(planFor({ doors: undefined }, document), document);
	});

	describe("over the API", () => {
		let site: TestSite;
		let cookie: string;
		const ids = new Map<string, string>();
		beforeEach(async () => {
			site = new TestSite();
			await site.start();
			await site.ask("PUT", "/api/plan", { body: document });
			const { body } = await site.ask("GET", "/api/users");
			for (const { id, name } of body.users) ids.set(name, id);
			cookie = await site.person("manager", ["HALL", "LIFT"]);
		});
		afterEach(() => site.end());

		const as = (method: string, path: string, body?: object): Promise<Answer> =>
			site.ask(method, path, { cookie, ...(body && { body }) });
		const refused = async (answer: Promise<Answer>, what: string): Promise<void> =>
			assert.deepInclude((await answer).body, { status: 403, reason: "other-doors" }, what);

		it("lists and finds these people alone", async () => {
			const { body } = await as("GET", "/api/users");
			assert.deepEqual(body.users.map(({ name }: { name: string }) => name).sort(), ["both", "hall"]);
			assert.equal(body.total, 2);
			assert.equal((await as("GET", "/api/users?search=yard")).body.total, 0);
			assert.equal((await as("GET", `/api/users/${ids.get("hall")}`)).status, 200);
			for (const name of ["yard", "mixed", "every", "none"])
				await refused(as("GET", `/api/users/${ids.get(name)}`), name);
			assert.equal((await as("GET", "/api/users/unknown")).status, 404);
		});

		it("adds and changes people within these doors, and cannot reach out of them", async () => {
			const person = (...accessPlans: string[]): object => ({ name: "New", accessPlans });
			const added = await as("POST", "/api/users", person("hall"));
			assert.equal(added.status, 201);
			const path = `/api/users/${added.body.id}`;
			assert.equal((await as("PUT", path, person("both"))).status, 200);
			for (const plans of [["yard"], ["hall", "yard"], ["every"], ["mixed"], []]) {
				await refused(as("POST", "/api/users", person(...plans)), `add with ${plans}`);
				await refused(as("PUT", path, person(...plans)), `change to ${plans}`);
			}
			const other = `/api/users/${ids.get("yard")}`;
			await refused(as("PUT", other, person("hall")), "take another's person over");
			for (const what of ["pause", "resume"]) {
				await refused(as("POST", `${other}/${what}`), what);
				assert.equal((await as("POST", `${path}/${what}`)).status, 200);
			}
			await refused(as("DELETE", other), "remove");
			await refused(as("DELETE", `${other}/credentials/${"0".repeat(16)}`), "revoke");
			assert.equal((await as("DELETE", path)).status, 204);
		});

		it("sees and commands these doors, when confirmed", async () => {
			const { body } = await as("GET", "/api/doors");
			assert.deepEqual(
				body.doors.map(({ id }: { id: string }) => id),
				["HALL", "LIFT"],
			);
			assert.equal((await as("GET", "/api/doors/HALL")).status, 200);
			await refused(as("GET", "/api/doors/YARD"), "another door");
			const command = (door: string, what: string): Promise<Answer> =>
				as("POST", `/api/doors/${door}/commands`, { what });
			assert.equal((await command("HALL", "open")).body.reason, "no-session");
			await refused(command("YARD", "open"), "open");
			await refused(command("YARD", "lock"), "lock");
			site.now += 301;
			assert.equal((await command("HALL", "open")).body.reason, "confirm-first");
			assert.equal((await command("HALL", "lock")).body.reason, "no-session");
		});

		it("locks these doors down by name, and sees the lockdowns that touch them", async () => {
			const lock = (doors?: string[]): Promise<Answer> =>
				as("POST", "/api/lockdown", { seconds: 60, ...(doors && { doors }) });
			await refused(lock(), "all");
			await refused(lock(["HALL", "YARD"]), "one of others");
			assert.equal((await lock(["HALL"])).status, 204);
			await site.ask("POST", "/api/lockdown", { body: { seconds: 60, doors: ["YARD"] } });
			const { body } = await as("GET", "/api/lockdown");
			assert.deepEqual(
				body.lockdowns.map(({ doors }: { doors: string[] }) => doors),
				[["HALL"]],
			);
			assert.equal((await as("DELETE", "/api/lockdown")).body.reason, "wrong-role");
		});

		it("has no plan of others', and no access plan of another door", async () => {
			const { body } = await as("GET", "/api/plan");
			assert.sameMembers(Object.keys(body.doors), ["HALL", "LIFT"]);
			assert.notInclude(JSON.stringify(body), "yard");
			assert.sameMembers(Object.keys((await as("GET", "/api/plan/accessPlans")).body), ["hall", "both"]);
		});
	});
});
