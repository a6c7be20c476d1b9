// SPDX-License-Identifier: Apache-2.0

/** Brokers to hold an MQTT client against: in memory, and real ones over the computer's network. */
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { Aedes } from "aedes";
import type { Context } from "mocha";
import { MqttClient } from "../../../drivers/mqtt/client.js";
import type { MQTTClient, MQTTOptions } from "../../../hal/contracts/network.js";
import { NodeClock } from "../../../hal/node/clock.js";
import { NodeTCP, resolveByNode } from "../../../hal/node/tcp.js";
import { SimBroker } from "../../../sim/broker.js";
import { SimNetwork } from "../../../sim/network.js";
import { VirtualTime } from "../../../sim/time.js";
import { startMosquitto } from "../../support/mosquitto.js";
import { until } from "../../support/until.js";

export const USER = "door";
export const PASSWORD = "secret";
/** No client may subscribe to it. */
export const FORBIDDEN = "forbidden";

/** A broker that knows one user, beside a port that nothing listens at. */
export interface TestBroker {
	readonly host: string;
	readonly port: number;
	/** It refuses the subscription to `FORBIDDEN`. */
	readonly refuses: boolean;
	connect(options: MQTTOptions): MQTTClient;
	until(what: string, met: () => boolean): Promise<void>;
	/** The broker ends, and with it every connection. */
	stop(): Promise<void>;
}

/** Skips the spec where the broker is not on this computer. */
export type StartBroker = (context: Context) => Promise<TestBroker>;

export const inMemory: StartBroker = async () => {
	const time = new VirtualTime();
	const network = new SimNetwork(time, () => true);
	network.names.set("broker", "192.0.2.1");
	const broker = new SimBroker(time, 1);
	broker.admit = ({ user, password }) => (user === USER && password === PASSWORD ? 0 : 5);
	broker.maySubscribe = (_, filter) => filter !== FORBIDDEN;
	network.listeners.set("192.0.2.1:1883", broker.accept);
	return {
		host: "broker",
		port: 1883,
		refuses: true,
		connect: (options) => new MqttClient(options, { network, clock: time }),
		until: async (what, met) => {
			if (!time.runUntil(met, 60_000)) throw new Error(`not in a minute: ${what}`);
		},
		stop: async () => {
			network.listeners.clear();
			broker.drop();
		},
	};
};

/** The computer's side of `TestBroker`. */
function onThisComputer(port: number, refuses: boolean, stop: () => Promise<void>): TestBroker {
	return {
		host: "localhost",
		port,
		refuses,
		connect: (options) =>
			new MqttClient(options, {
				network: { resolve: resolveByNode, tcp: NodeTCP },
				clock: new NodeClock(),
			}),
		until,
		stop,
	};
}

async function listen(server: Server): Promise<number> {
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	return (server.address() as AddressInfo).port;
}

export const aedes: StartBroker = async () => {
	const broker = await Aedes.createBroker({
		authenticate: (_, user, password, done) => {
			const known = user === USER && password?.toString() === PASSWORD;
			done(known ? null : Object.assign(new Error("unknown"), { returnCode: 5 }), known);
		},
		authorizeSubscribe: (_, subscription, done) =>
			done(null, subscription.topic === FORBIDDEN ? null : subscription),
	});
	const server = createServer(broker.handle);
	const sockets = new Set<Socket>();
	server.on("connection", (socket) => sockets.add(socket));
	const port = await listen(server);
	return onThisComputer(port, true, async () => {
		for (const socket of sockets) socket.destroy();
		server.close();
		await new Promise<void>((resolve) => broker.close(resolve));
	});
};

export const mosquitto: StartBroker = async (context) => {
	const passwords = `${USER}:${PASSWORD}\n`;
	const rules = `user ${USER}\ntopic readwrite test/#\n`;
	const { port, stop } = await startMosquitto(context, { passwords, clear: true, rules });
	return onThisComputer(port, false, stop);
};
