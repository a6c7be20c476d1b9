// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import {
	configTopic,
	deviceId,
	discovery,
	type Published,
	stateOf,
	stateTopic,
} from "../../../../site/server/home-assistant/discovery.js";
import { type DoorState, UNKNOWN } from "../../../../site/server/home-assistant/door-state.js";
import { homeAssistantOptions } from "../../../../site/server/home-assistant/options.js";

/**
 * What Home Assistant's documentation says of a part of each platform (home-assistant.io/integrations/lock.mqtt, binary_sensor.mqtt,
 * sensor.mqtt, button.mqtt, and mqtt for those of all): what has to be there, and what may.
 */
const OF_ALL = ["platform", "unique_id", "name", "entity_category", "value_template", "qos"];
const PLATFORMS: Readonly<Record<string, { required: string[]; optional: string[] }>> = {
	lock: {
		required: ["command_topic"],
		optional: ["state_topic", "optimistic", "retain", "payload_lock", "payload_unlock", "payload_open"],
	},
	binary_sensor: { required: ["state_topic"], optional: ["device_class"] },
	sensor: { required: ["state_topic"], optional: ["device_class"] },
	button: { required: ["command_topic"], optional: ["payload_press", "retain"] },
};
/** Of home-assistant.io/integrations/binary_sensor and sensor, those that doors have. */
const CLASSES: Readonly<Record<string, string[]>> = {
	binary_sensor: ["door", "lock", "problem", "safety", "tamper"],
	sensor: ["timestamp"],
};

interface Discovery {
	readonly device: Record<string, unknown>;
	readonly origin: Record<string, unknown>;
	readonly components: Record<string, Record<string, unknown>>;
	readonly availability: readonly { topic: string }[];
	readonly availability_mode: string;
}

const DOOR = { id: "front.1", name: "Front door", online: true };

function published(more: Partial<Published> = {}): Published {
	return {
		site: "ACME",
		prefix: "homeassistant",
		base: "lintel",
		people: false,
		commanded: new Set(),
		...more,
	};
}

function said(from: Published, removing = false): Discovery {
	return JSON.parse(JSON.stringify(discovery(from, DOOR, removing))) as Discovery;
}

/** All that may be published. */
const EVERY = [
	published(),
	published({ people: true }),
	published({ commanded: new Set(["front.1"]) }),
	published({ people: true, commanded: new Set(["front.1"]) }),
];

describe("a door as Home Assistant discovers it", () => {
	it("has a topic of the characters that its documentation allows, another for each door of each site", () => {
		const names = ["front", "front.1", "front_1", "front-1", "front_2e_1", "a.b"];
		const sites = ["ACME", "Ä b", "ACME__front", "A/B#+"];
		const topics = sites.flatMap((site) => names.map((door) => configTopic(published({ site }), door)));
		for (const topic of topics) assert.match(topic, /^homeassistant\/device\/[A-Za-z0-9_-]+\/config$/);
		assert.lengthOf(new Set(topics), topics.length);
		const states = sites.flatMap((site) => names.map((door) => stateTopic(published({ site }), door)));
		for (const topic of states) assert.match(topic, /^lintel\/[^/+#\s]+\/[^/+#\s]+\/state$/);
		assert.lengthOf(new Set(states), states.length);
	});

	it("has what each platform asks for, and nothing that it does not know", () => {
		for (const from of EVERY) {
			const { availability, availability_mode, components, device, origin } = said(from);
			assert.deepEqual(device.identifiers, [deviceId(from, "front.1")]);
			assert.equal(device.name, "Front door");
			assert.isString(origin.name);
			assert.deepEqual(
				availability.map(({ topic }) => topic),
				["lintel/ACME/server", "lintel/ACME/front.1/online"],
			);
			assert.equal(availability_mode, "all");
			const ids = new Set<unknown>();
			for (const [key, part] of Object.entries(components)) {
				const platform = PLATFORMS[String(part.platform)]!;
				assert.includeMembers(Object.keys(part), ["platform", "unique_id", ...platform.required], key);
				for (const name of Object.keys(part))
					assert.include([...OF_ALL, ...platform.required, ...platform.optional], name, key);
				if (part.device_class !== undefined)
					assert.include(CLASSES[String(part.platform)] ?? [], String(part.device_class), key);
				ids.add(part.unique_id);
			}
			assert.lengthOf(ids, Object.keys(components).length);
		}
	});

	it("takes no command unless its site says so, and never keeps one", () => {
		const shut = JSON.stringify(said(published({ people: true, commanded: new Set(["back"]) })));
		assert.notInclude(shut, "command");
		const { components } = said(published({ commanded: new Set(["front.1"]) }));
		assert.deepInclude(components.lock, {
			...{ command_topic: "lintel/ACME/front.1/command", retain: false, optimistic: false },
			...{ payload_lock: "LOCK", payload_unlock: "UNLOCK", payload_open: "OPEN" },
		});
		assert.deepInclude(components.normal, { command_topic: "lintel/ACME/front.1/command", retain: false });
		assert.notProperty(components, "unlocked");
	});

	it("takes back what it has no more: with its platform alone, as the documentation asks", () => {
		for (const from of EVERY) {
			const plain = said(from).components;
			const { components } = said(from, true);
			const removed = Object.keys(components).filter((key) => !(key in plain));
			for (const key of removed) assert.deepEqual(Object.keys(components[key]!), ["platform"]);
			const all = [...Object.keys(plain), ...removed].sort();
			assert.deepEqual(
				all,
				Object.keys(said(EVERY[3]!, true).components).sort(),
				"each part stands or is taken back",
			);
			for (const key of Object.keys(plain)) assert.deepEqual(components[key], plain[key]);
		}
	});

	it("says its state in one message, from which each part finds its own", () => {
		const state: DoorState = {
			...UNKNOWN,
			...{ open: false, unlocked: true, forced: true, lockdown: 8, faults: 2 },
			entry: { at: 1_780_000_000, person: "Ada" },
		};
		for (const from of EVERY) {
			const values = stateOf(from, state);
			for (const [key, part] of Object.entries(said(from).components)) {
				if (part.platform === "button") continue;
				const [, field] = /^\{\{ value_json\.([a-z]+) \}\}$/.exec(String(part.value_template)) ?? [];
				assert.property(values, field!, key);
			}
			assert.deepInclude(values, {
				...{ unlocked: "ON", lock: "UNLOCKED", contact: "OFF", forced: "ON", held: "OFF", lockdown: "ON" },
				...{ fault: "ON", fire: "OFF", entry: "2026-05-28T20:26:40.000Z" },
			});
			if (from.people) assert.equal(values.person, "Ada");
			else assert.notInclude(JSON.stringify(values), "Ada");
		}
		const unknown = stateOf(published({ people: true }), UNKNOWN);
		for (const field of ["unlocked", "lock", "contact", "entry", "person"])
			assert.equal(unknown[field], "None");
	});

	it("has a name within Home Assistant's bounds, whatever the site calls it", () => {
		const long = "\u{1f6aa}".repeat(300);
		const { device } = JSON.parse(
			JSON.stringify(discovery(published(), { ...DOOR, name: long })),
		) as Discovery;
		assert.equal(device.name, "\u{1f6aa}".repeat(128));
		const none = JSON.parse(JSON.stringify(discovery(published(), { ...DOOR, name: "" }))) as Discovery;
		assert.equal(none.device.name, "front.1");
		const values = stateOf(published({ people: true }), { ...UNKNOWN, entry: { at: 0, person: long } });
		assert.isAtMost([...values.person!].length, 255);
	});
});

describe("where a site's doors are published for Home Assistant", () => {
	it("is an MQTT broker without a password in its address; people and commands are off", () => {
		const options = homeAssistantOptions("ACME", { url: "mqtts://lintel@ha.example:8884", password: "x" });
		assert.deepInclude(options, { people: false, prefix: "homeassistant", base: "lintel", password: "x" });
		assert.isEmpty(options.commanded);
		for (const url of ["", "ha.example", "http://ha.example", "mqtt://lintel:hunter2@ha.example", "mqtt://"])
			assert.throws(() => homeAssistantOptions("ACME", { url }), /^(?!.*hunter2)/, url);
		for (const prefix of ["", "#", "a/+/b", "a//b", "/a", "a b"])
			assert.throws(() => homeAssistantOptions("ACME", { url: "mqtt://ha", prefix }), /prefix/);
		for (const commands of [["#"], ["front", "a/b"], [""]])
			assert.throws(() => homeAssistantOptions("ACME", { url: "mqtt://ha", commands }), /name/);
	});
});
