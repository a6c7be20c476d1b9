// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { fromHex, toHex } from "../../../protocol/bytes.js";
import { EDDSA, signer } from "../../../protocol/credential/cose.js";
import { Ephemeral } from "../../../protocol/edhoc/ephemeral.js";
import type { PeerCredential } from "../../../protocol/edhoc/id-cred.js";
import { byX5t, x509Cred } from "../../../protocol/edhoc/id-cred-forms.js";
import { Initiator } from "../../../protocol/edhoc/initiator.js";
import { Responder } from "../../../protocol/edhoc/responder.js";
import type { Resolve } from "../../../protocol/edhoc/session.js";
import { NO_VECTORS, skip, vectors } from "../../support/host.js";
import { providers } from "../../support/providers.js";
import { RecordingCrypto } from "./recording.js";

interface Trace {
	readonly values: Readonly<Record<string, string>>;
}

for (const provider of providers)
	describe(`RFC 9529 2 (method 0, suite 0, x5t), ${provider.name}`, () => {
		const trace = vectors<Trace>("rfc9529-trace-1.json");
		const v = (name: string): string => {
			const found = trace!.values[name];
			if (found === undefined) throw new Error(`the trace has no "${name}"`);
			return found;
		};
		/** `name` of a group, raw. */
		const raw = (group: string, name: string) => v(`${group} | ${name} (Raw Value)`);

		before(function () {
			if (trace === undefined) skip(this, NO_VECTORS);
		});

		/** A role's provider and what its session takes, of the published keys. */
		function side(role: "I" | "R") {
			const crypto = new RecordingCrypto(provider);
			const [message, ephemeral] = role === "I" ? ["message_1", "X"] : ["message_2", "Y"];
			const group = role === "I" ? "message_3" : "message_2";
			const pair = provider.ed25519KeyPair(fromHex(raw(group, `SK_${role}`)));
			assert.equal(toHex(pair.publicKey), raw(group, `PK_${role}`));
			const form = byX5t(fromHex(raw(group, `CRED_${role}`)), provider);
			assert.equal(toHex(form.idCred), v(`${group} | ID_CRED_${role} (CBOR Data Item)`));
			assert.equal(toHex(form.cred), v(`${group} | CRED_${role} (CBOR Data Item)`));
			const key = new Ephemeral(crypto, "x25519", fromHex(raw(message!, ephemeral!)));
			assert.equal(toHex(key.publicKey), raw(message!, `G_${ephemeral}`));
			const options = {
				crypto,
				suites: [0],
				credentials: [{ ...form, ...signer(crypto, EDDSA, pair.secretKey) }],
				connectionId: fromHex(raw(message!, `C_${role}`)),
				ephemerals: { take: () => key },
			};
			return { crypto, options };
		}

		function resolving(role: "I" | "R"): Resolve<PeerCredential> {
			const group = role === "I" ? "message_3" : "message_2";
			const certificate = fromHex(raw(group, `CRED_${role}`));
			return (idCred) => {
				assert.equal(idCred.kind, "x5t");
				if (idCred.kind !== "x5t") throw new Error();
				assert.equal(idCred.algorithm, -15);
				assert.equal(toHex(idCred.hash), toHex(provider.sha256(certificate).subarray(0, 8)));
				return {
					cred: x509Cred(certificate),
					algorithm: EDDSA,
					publicKey: fromHex(raw(group, `PK_${role}`)),
				};
			};
		}

		function run() {
			const i = side("I");
			const r = side("R");
			const initiator = new Initiator(i.options);
			const responder = new Responder(r.options);
			const message1 = initiator.message1();
			assert.deepEqual(responder.processMessage1(message1), []);
			const message2 = responder.message2();
			const { ead: ead2 } = initiator.processMessage2(message2, resolving("R"));
			const message3 = initiator.message3();
			const { ead: ead3 } = responder.processMessage3(message3, resolving("I"));
			const message4 = responder.message4();
			const ead4 = initiator.processMessage4(message4);
			assert.deepEqual([ead2, ead3, ead4], [[], [], []]);
			return { initiator, responder, i, r, messages: [message1, message2, message3, message4] };
		}

		it("gives the four messages", () => {
			const { messages } = run();
			messages.forEach((message, n) => {
				const name = `message_${n + 1}`;
				assert.equal(toHex(message), v(`${name} | ${name} (CBOR Sequence)`));
			});
		});

		it("gives the connection identifiers to the other side", () => {
			const { initiator, responder } = run();
			assert.equal(toHex(responder.peerConnectionId!), raw("message_1", "C_I"));
			assert.equal(toHex(initiator.peerConnectionId!), raw("message_2", "C_R"));
		});

		for (const role of ["I", "R"] as const)
			it(`goes through every intermediate value as ${role === "I" ? "initiator" : "responder"}`, () => {
				const { i, r } = run();
				const { crypto } = role === "I" ? i : r;
				const check = (name: string, inputs: readonly string[], output: string) =>
					assert.isTrue(crypto.has(name, inputs, output), `${name}(${inputs.join(", ")}) = ${output}`);
				const m2 = (name: string) => raw("message_2", name);
				const m3 = (name: string) => raw("message_3", name);
				const m4 = (name: string) => raw("message_4", name);
				const expands = (prk: string, info: string, whole: string) => {
					const calls = crypto.said.filter((call) => call.startsWith(`hkdfExpand(${prk}, ${info}) = `));
					assert.lengthOf(calls, 1, info);
					assert.equal(calls[0]!.split(" = ")[1], whole, info);
				};

				// TH_2, G_XY, PRK_2e.
				check("sha256", [v("message_1 | message_1 (CBOR Sequence)")], m2("H(message_1)"));
				check("sha256", [v("message_2 | Input to calculate TH_2 (CBOR Sequence)")], m2("TH_2"));
				const peer = role === "I" ? raw("message_2", "G_Y") : raw("message_1", "G_X");
				const gXY = v("message_2 | G_XY (Raw Value) (ECDH shared secret)");
				check("agree", [peer], gXY);
				check("hmacSha256", [m2("salt"), gXY], m2("PRK_2e"));
				assert.equal(m2("PRK_3e2m"), m2("PRK_2e"));
				assert.equal(m3("PRK_4e3m"), m2("PRK_2e"));

				// MAC_2, signature, KEYSTREAM_2, TH_3.
				const prk = m2("PRK_2e");
				expands(prk, v("message_2 | info for MAC_2 (CBOR Sequence)"), m2("MAC_2"));
				const signed2 = v("message_2 | Message to be signed 2 (CBOR Data Item)");
				if (role === "R") check("sign", [signed2], m2("Signature_or_MAC_2"));
				else check("verify", [m2("Signature_or_MAC_2"), signed2, m2("PK_R")], "01");
				const keystream = m2("KEYSTREAM_2");
				expands(prk, v("message_2 | info for KEYSTREAM_2 (CBOR Sequence)"), keystream);
				const plaintext2 = fromHex(v("message_2 | PLAINTEXT_2 (CBOR Sequence)"));
				const ciphertext2 = fromHex(m2("CIPHERTEXT_2"));
				const xored = plaintext2.map((byte, n) => byte ^ fromHex(keystream)[n]!);
				assert.equal(toHex(xored), toHex(ciphertext2));
				check("sha256", [v("message_3 | Input to calculate TH_3 (CBOR Sequence)")], m3("TH_3"));

				// MAC_3, signature, K_3, IV_3, AEAD, TH_4.
				expands(prk, v("message_3 | info for MAC_3 (CBOR Sequence)"), m3("MAC_3"));
				const signed3 = v("message_3 | Message to be signed 3 (CBOR Data Item)");
				if (role === "I") check("sign", [signed3], m3("Signature_or_MAC_3"));
				else check("verify", [m3("Signature_or_MAC_3"), signed3, m3("PK_I")], "01");
				expands(prk, v("message_3 | info for K_3 (CBOR Sequence)"), m3("K_3"));
				expands(prk, v("message_3 | info for IV_3 (CBOR Sequence)"), m3("IV_3"));
				const plaintext3 = v("message_3 | PLAINTEXT_3 (CBOR Sequence)");
				const aead3 = [m3("K_3"), m3("IV_3"), v("message_3 | A_3 (CBOR Data Item)")];
				if (role === "I") check("seal", [...aead3, plaintext3], m3("CIPHERTEXT_3"));
				else check("open", [...aead3, m3("CIPHERTEXT_3")], plaintext3);
				check("sha256", [v("message_3 | Input to calculate TH_4 (CBOR Sequence)")], m3("TH_4"));

				// K_4, IV_4, AEAD.
				expands(prk, v("message_4 | info for K_4 (CBOR Sequence)"), m4("K_4"));
				expands(prk, v("message_4 | info for IV_4 (CBOR Sequence)"), m4("IV_4"));
				const plaintext4 = v("message_4 | PLAINTEXT_4 (CBOR Sequence)");
				const ciphertext4 = v("message_4 | CIPHERTEXT_4");
				const aead4 = [m4("K_4"), m4("IV_4"), v("message_4 | A_4 (CBOR Data Item)")];
				if (role === "R") check("seal", [...aead4, plaintext4], ciphertext4);
				else check("open", [...aead4, ciphertext4], plaintext4);
			});

		it("exports PRK_out's keys, and again after a key update, on both sides", () => {
			const { initiator, responder, i, r } = run();
			const none = new Uint8Array(0);
			const out = "PRK_out and PRK_exporter";
			for (const [session, { crypto }] of [
				[initiator, i],
				[responder, r],
			] as const) {
				const has = (prk: string, info: string, output: string) =>
					assert.isTrue(crypto.has("hkdfExpand", [prk, info], output), info);
				const secret = session.export(0, none, 16);
				assert.equal(toHex(secret), raw("OSCORE Parameters", "OSCORE Master Secret"));
				assert.equal(toHex(session.export(1, none, 8)), raw("OSCORE Parameters", "OSCORE Master Salt"));
				const prk = raw("message_2", "PRK_2e");
				has(prk, v(`${out} | info for PRK_out (CBOR Sequence)`), raw(out, "PRK_out"));
				const info = v(`${out} | info for PRK_exporter (CBOR Sequence)`);
				has(raw(out, "PRK_out"), info, raw(out, "PRK_exporter"));

				session.keyUpdate(fromHex(raw("Key Update", "context for KeyUpdate")));
				const updated = raw("Key Update", "PRK_out after KeyUpdate");
				assert.isTrue(crypto.said.some((call) => call.endsWith(` = ${updated}`)));
				has(updated, info, raw("Key Update", "PRK_exporter after KeyUpdate"));
				const updatedTo = (name: string) => raw("Key Update", `${name} after KeyUpdate`);
				assert.equal(toHex(session.export(0, none, 16)), updatedTo("OSCORE Master Secret"));
				assert.equal(toHex(session.export(1, none, 8)), updatedTo("OSCORE Master Salt"));
			}
		});
	});
