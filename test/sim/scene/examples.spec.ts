// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { assert } from "chai";
import { EXAMPLES } from "../../../sim/scene/examples.js";
import { formatScript, parseScript } from "../../../sim/scene/script.js";
import { play, type Story, withScenes } from "../../../tools/docs/scenes.js";
import { root } from "../../support/host.js";

describe("docs/simulator.md", () => {
	const stories = new Map<string, Story>();
	before(() => {
		for (const example of EXAMPLES) stories.set(example.name, play(example));
	});

	const story = (name: string): Story => stories.get(name)!;
	const decisions = ({ scene }: Story): string[] =>
		scene.world.auditor.decisions().map(({ reason }) => reason);
	const log = ({ rows }: Story): string[] => rows.flatMap((row) => row.log);
	/** What the log has of the act at this instant. */
	const logAt = ({ rows }: Story, at: number): readonly string[] =>
		rows.find((one) => one.at === at)?.log ?? assert.fail(`nothing is done at ${at}`);

	it("has the stories as they go", () => {
		const document = readFileSync(join(root, "docs/simulator.md"), "utf8");
		assert.equal(document, withScenes(document, [...stories.values()]), "run `npm run docs`");
	});

	it("has links by which the same is done at the same instants", () => {
		for (const { example, scene } of stories.values())
			assert.equal(scene.toString(), formatScript(parseScript(example.script)));
	});

	it("an installer's visit: the reader finds the open housing and the cut wire, the site hears it, and all is well in the end", () => {
		const visit = story("installer");
		assert.deepEqual(decisions(visit), ["granted", "unknown-credential", "no-application"]);
		assert.includeMembers([...logAt(visit, 1500)], ["restart power-on", "door-opened restart", "tamper"]);
		assert.deepEqual(logAt(visit, 12_000), ["door-closed"], "the wire is whole");
		assert.deepEqual(logAt(visit, 27_500), ["door-opened exit"]);
		assert.include(visit.told, "the site hears of it at once: tamper");
		assert.notInclude(log(visit), "forced");
		const { door, powered } = visit.scene.state();
		assert.deepInclude(door, { open: false, locked: true, tamper: false });
		assert.isTrue(powered);
	});

	it("a school day: none too early, unlocked after the caretaker, locked in the evening and on the holiday", () => {
		const day = story("school-day");
		assert.deepEqual(decisions(day), [
			...["outside-schedule", "granted", "granted", "outside-schedule"],
			...["granted", "outside-schedule"],
		]);
		assert.notInclude(logAt(day, 9000), "unlocked first-person", "the pupil is not the first person");
		assert.include(logAt(day, 20_000), "unlocked first-person");
		assert.deepEqual(logAt(day, 30_000), ["locked first-person"]);
		assert.notInclude(logAt(day, 43_000), "unlocked first-person", "a holiday");
		assert.isTrue(day.scene.state().door.locked);
	});

	it("a break-in: nothing opens but the crowbar, each thing is in the log, and the site gets it when the network is back", () => {
		const night = story("break-in");
		assert.deepEqual(decisions(night), [
			...["no-application", "no-application", "revoked", "unknown-issuer"],
			...["lockdown", "granted"],
		]);
		assert.deepEqual(logAt(night, 13_000), ["tamper"]);
		assert.includeMembers([...logAt(night, 22_000)], ["door-opened without cause", "forced"]);
		const back = night.told.findIndex((text) => text.startsWith("the network is back"));
		assert.isAbove(night.told.indexOf("the site hears of it at once: forced"), back);
		assert.include(logAt(night, 107_500), "door-opened exit", "out, in a lockdown too");
		assert.isTrue(night.scene.state().door.locked);
	});
});
