// SPDX-License-Identifier: Apache-2.0

/** A door at Home Assistant's broker: the server, the firmware's sync, aedes, each as it runs. */
import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { Aedes } from "aedes";
import { assert } from "chai";
import mqtt, { type MqttClient } from "mqtt";
import { EVENTS } from "../../../../protocol/events.js";
import { originId } from "../../../../site/server/home-assistant/bridge.js";
import { until } from "../../../support/until.js";
import { TestReader } from "../test-reader.js";
import { DAY, TestSite } from "../test-site.js";

const ADA = "2b7d9ce0114f6685";
const PLAN = {
	site: "ACME",
	timeZone: "UTC0",
	accessPlans: { all: [{ schedule: "always" }] },
	doors: { FRONT: {} },
	users: [{ name: "Ada", accessPlans: ["all"], credentials: [{ id: ADA }] }],
};

const now = (): number => Math.floor(Date.now() / 1000);

describe("a site's server and Home Assistant", () => {
	let broker: Aedes;
	let tcp: Server;
	let home: MqttClient;
	let site: TestSite;
	let reader: TestReader;
	const kept = new Map<string, string>();

	beforeEach(async () => {
		broker = await Aedes.createBroker();
		tcp = createServer(broker.handle).listen(0, "127.0.0.1");
		await once(tcp, "listening");
		kept.clear();
		home = await mqtt.connectAsync(address(), { protocolVersion: 4 });
		home.on("message", (topic, payload) => kept.set(topic, payload.toString()));
		await home.subscribeAsync(["lintel/#", "homeassistant/device/#"], { qos: 1 });
		site = new TestSite(now() - 2 * DAY);
	});

	afterEach(async () => {
		reader?.powerOff();
		await site.end();
		await home.endAsync(true);
		await new Promise<void>((resolve) => broker.close(() => resolve()));
		tcp.close();
		assert.deepEqual(site.said, []);
	});

	const address = (): string => `mqtt://127.0.0.1:${(tcp.address() as AddressInfo).port}`;
	const state = (): Record<string, string> => JSON.parse(kept.get("lintel/ACME/FRONT/state") ?? "{}");
	const comes = (topic: string, payload: string): Promise<void> =>
		until(
			`${topic} is ${payload}`,
			() => kept.get(topic) === payload,
			() => String(kept.get(topic)),
		);

	/** A server with a door that speaks with it. */
	async function begin(more: { commands?: string[]; people?: boolean }): Promise<void> {
		await site.start({ now, homeAssistant: { url: address(), ...more } });
		reader = new TestReader(site, "FRONT");
		const body = { door: "FRONT", name: "Front door", key: reader.key, readerId: reader.readerId };
		const { body: answer } = await site.ask("POST", "/api/doors", { body });
		reader.commission(answer.server);
		reader.powerOn();
		await comes("lintel/ACME/FRONT/online", "online");
	}

	it("say how the door is as its log comes, who came where names are allowed, and that it is unreachable", async () => {
		await begin({ people: true });
		await comes("lintel/ACME/server", "online");
		assert.include(kept.get("homeassistant/device/lintel_ACME__FRONT/config"), '"name":"Front door"');
		await until("it is locked", () => state().unlocked === "OFF");
		assert.equal((await site.ask("PUT", "/api/plan", { body: PLAN })).status, 204);
		await until("Ada may enter", () => reader.tap(ADA) === "granted");
		await until("Ada was there", () => state().person === "Ada");
		await site.ask("POST", "/api/doors/FRONT/commands", { body: { what: "lockdown" } });
		await until("it is locked down", () => state().lockdown === "ON");
		reader.powerOff();
		await comes("lintel/ACME/FRONT/online", "offline");
		await site.server.close();
		await comes("lintel/ACME/server", "offline");
	});

	it("open the door where it was opted in, with the origin in its log and in the server's", async () => {
		await begin({ commands: ["FRONT"] });
		await home.publishAsync("lintel/ACME/FRONT/command", "OPEN", { qos: 1 });
		await comes("lintel/ACME/FRONT/answer", '{"command":"open","done":true,"refused":null}');
		assert.isAbove(reader.released, 0);
		const { store } = site.server.site;
		const [action] = (await store.actions.after(0, 10)).filter(({ what }) => what === "command-open");
		assert.deepInclude(action, { by: originId("ACME"), to: "FRONT", details: { origin: "home-assistant" } });
		const commands = async () => store.log.rows({ door: "FRONT", kinds: [EVENTS.command], limit: 1 });
		let [row] = await commands();
		for (; row === undefined; [row] = await commands())
			await new Promise((resolve) => setTimeout(resolve, 20));
		assert.equal(row.subject, originId("ACME"));
	});

	it("are told why where there is no session; where it was not opted in nothing is done", async () => {
		await begin({ commands: ["FRONT"] });
		reader.powerOff();
		await comes("lintel/ACME/FRONT/online", "offline");
		await home.publishAsync("lintel/ACME/FRONT/command", "OPEN", { qos: 1 });
		await until("it is said", () => (kept.get("lintel/ACME/FRONT/answer") ?? "").includes('"done":false'));
		assert.equal(reader.released, 0);
	});
});
