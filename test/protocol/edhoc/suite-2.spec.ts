// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { concat, equal, fromHex, toHex } from "../../../protocol/bytes.js";
import { CborWriter } from "../../../protocol/cbor/writer.js";
import { ES256, signer, verify } from "../../../protocol/credential/cose.js";
import type { Crypto } from "../../../protocol/crypto.js";
import { Ephemeral } from "../../../protocol/edhoc/ephemeral.js";
import { Exporter } from "../../../protocol/edhoc/exporter.js";
import type { OwnCredential, PeerCredential } from "../../../protocol/edhoc/id-cred.js";
import { byX5chain, byX5t, x509Cred } from "../../../protocol/edhoc/id-cred-forms.js";
import { Initiator } from "../../../protocol/edhoc/initiator.js";
import { kdf } from "../../../protocol/edhoc/kdf.js";
import { decodePlaintext2, decodePlaintext3, writePlaintext } from "../../../protocol/edhoc/plaintext.js";
import { Responder } from "../../../protocol/edhoc/responder.js";
import { Schedule } from "../../../protocol/edhoc/schedule.js";
import { suiteOf } from "../../../protocol/edhoc/suites.js";
import { NO_VECTORS, skip, vectors } from "../../support/host.js";
import { providers } from "../../support/providers.js";
import { RecordingCrypto } from "./recording.js";

type Vector = Readonly<Record<string, string>>;

const NONE = new Uint8Array(0);
const SUITE_2 = suiteOf(2)!;

/**
 * The published suite-2 vectors of method 0 (lake-wg/edhoc, test-vectors-15) are of draft-ietf-lake-edhoc-15. RFC 9528
 * has since changed what goes in: TH_2 no longer covers C_R, PRK_2e is salted with TH_2, C_R moved into PLAINTEXT_2 and
 * context_2, TH_3 and TH_4 cover CRED_x. This provider answers for TH_2 and PRK_2e, and for nothing else, with the
 * draft's inputs; MAC_2 is asked for without C_R, and TH_3 and TH_4 without CRED_x. Everything between is the code
 * under test as it is. The RFC's own composition is shown by RFC 9529: whole for suite 0, its beginning for suite 2.
 */
class Draft15 extends RecordingCrypto {
	readonly #vector: Vector;
	readonly #crypto: Crypto;

	constructor(crypto: Crypto, vector: Vector) {
		super(crypto);
		this.#crypto = crypto;
		this.#vector = vector;
	}

	override sha256(data: Uint8Array): Uint8Array {
		const v = this.#vector;
		if (toHex(data) !== v.g_y! + v.h_message_1!) return super.sha256(data);
		return this.#crypto.sha256(fromHex(v.input_th_2!));
	}

	override hmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array {
		const v = this.#vector;
		if (toHex(key) !== v.th_2_raw || toHex(data) !== v.g_xy_raw) return super.hmacSha256(key, data);
		return this.#crypto.hmacSha256(fromHex(v.salt_raw!), data);
	}
}

for (const provider of providers) {
	describe(`EDHOC suite 2, method 0, vectors of draft 15, ${provider.name}`, () => {
		const file = vectors<{ vectors: Readonly<Record<string, Vector>> }>("edhoc-suite2-method0.json");

		before(function () {
			if (file === undefined) skip(this, NO_VECTORS);
		});

		for (const [name, form] of [
			["test_vector_1", byX5chain],
			["test_vector_2", (certificate: Uint8Array) => byX5t(certificate, provider)],
		] as const) {
			const v = (field: string): string => {
				const found = file!.vectors[name]![field];
				if (found === undefined) throw new Error(field);
				return found;
			};
			const b = (field: string) => fromHex(v(field));

			it(`${name}: message_1, its hash, and the shared secret from both sides`, () => {
				const ephemeral = () => new Ephemeral(provider, "p256", b("x_raw"));
				const certificate = certificateOf(b("cred_i"));
				const initiator = new Initiator({
					crypto: provider,
					suites: [2],
					credentials: [{ ...form(certificate), ...signer(provider, ES256, b("sk_i_raw")) }],
					connectionId: b("c_i"),
					ephemerals: { take: ephemeral },
				});
				assert.equal(toHex(initiator.message1()), v("message_1"));
				assert.equal(toHex(provider.sha256(b("message_1"))), v("h_message_1_raw"));
				assert.equal(toHex(ephemeral().publicKey), v("g_x_raw"));
				const other = new Ephemeral(provider, "p256", b("y_raw"));
				assert.equal(toHex(other.publicKey), v("g_y_raw"));
				assert.equal(toHex(ephemeral().agree(b("g_y_raw"))), v("g_xy_raw"));
				assert.equal(toHex(other.agree(b("g_x_raw"))), v("g_xy_raw"));
				assert.equal(toHex(form(certificate).idCred), v("id_cred_i"));
				assert.equal(toHex(form(certificate).cred), v("cred_i"));
			});

			it(`${name}: every value from TH_2 to the key update`, () => {
				const crypto = new Draft15(provider, file!.vectors[name]!);
				const gXY = b("g_xy_raw");
				const schedule = new Schedule(
					crypto,
					SUITE_2,
					new CborWriter(),
					gXY,
					b("g_y_raw"),
					b("h_message_1_raw"),
				);
				const prk = v("prk_2e_raw");
				assert.equal(v("prk_3e2m_raw"), prk);
				assert.equal(v("prk_4e3m_raw"), prk);
				const expands = (info: string, whole: string) =>
					assert.isTrue(crypto.has("hkdfExpand", [prk, v(info)], v(whole)), info);

				// message_2
				const m2 = schedule.toBeSigned(NONE, b("id_cred_r"), b("cred_r"), NONE);
				expands("info_mac_2", "mac_2_raw");
				assert.equal(toHex(m2.subarray(-32)), v("mac_2_raw"));
				assert.equal(toHex(m2), v("m_2"));
				const keyR = { algorithm: ES256, publicKey: b("pk_r_raw") } as const;
				assert.isTrue(verify(b("sig_or_mac_2_raw"), m2, keyR, provider));
				const rest = writing(b("c_r"), b("id_cred_r"), b("sig_or_mac_2_raw"));
				assert.equal(toHex(rest), v("c_r") + v("plaintext_2"));
				const fields2 = decodePlaintext2(rest, []);
				assert.equal(toHex(fields2.idCred), v("id_cred_r"));
				assert.equal(toHex(fields2.signature), v("sig_or_mac_2_raw"));
				assert.equal(toHex(schedule.cipher2(b("plaintext_2"))), v("ciphertext_2_raw"));
				assert.equal(toHex(schedule.cipher2(b("ciphertext_2_raw"))), v("plaintext_2"));
				expands("info_keystream_2", "keystream_2_raw");
				assert.equal(
					toHex(kdf(provider, new CborWriter(), fromHex(prk), 0, b("th_2_raw"), b("plaintext_2").length)),
					v("keystream_2_raw"),
				);

				// message_3
				schedule.advance(b("plaintext_2"), NONE);
				assert.isTrue(crypto.has("sha256", [v("input_TH_3")], v("th_3_raw")));
				const m3 = schedule.toBeSigned(undefined, b("id_cred_i"), b("cred_i"), NONE);
				expands("info_mac_3", "mac_3_raw");
				assert.equal(toHex(m3), v("m_3"));
				const keyI = { algorithm: ES256, publicKey: b("pk_i_raw") } as const;
				assert.isTrue(verify(b("sig_or_mac_3_raw"), m3, keyI, provider));
				assert.equal(toHex(writing(undefined, b("id_cred_i"), b("sig_or_mac_3_raw"))), v("p_3"));
				assert.equal(toHex(decodePlaintext3(b("p_3"), []).idCred), v("id_cred_i"));
				const sealed = schedule.seal3(b("p_3"));
				const inputs = [v("k_3_raw"), v("iv_3_raw"), v("a_3"), v("p_3")];
				assert.isTrue(crypto.has("seal", inputs, v("ciphertext_3_raw")));
				assert.equal(toHex(new CborWriter().bytes(sealed).view()), v("message_3"));
				assert.equal(toHex(schedule.open3(b("ciphertext_3_raw"))!), v("p_3"));

				// message_4 and after
				schedule.advance(b("p_3"), NONE);
				assert.isTrue(crypto.has("sha256", [v("input_th_4")], v("th_4_raw")));
				const sealed4 = schedule.seal4(NONE);
				assert.isTrue(crypto.has("seal", [v("k_4_raw"), v("iv_4_raw"), v("a_4"), ""], v("ciphertext_4_raw")));
				assert.equal(toHex(new CborWriter().bytes(sealed4).view()), v("message_4"));
				assert.equal(toHex(schedule.open4(b("ciphertext_4_raw"))!), "");
				const prkOut = schedule.prkOut();
				assert.equal(toHex(prkOut), v("prk_out"));
				const exporter = new Exporter(crypto, prkOut);
				assert.equal(toHex(exporter.export(0, NONE, 16)), v("oscore_secret_raw"));
				assert.equal(toHex(exporter.export(1, NONE, 8)), v("oscore_salt_raw"));
				exporter.update(NONE);
				assert.isTrue(crypto.has("hkdfExpand", [v("prk_out"), "0b401820"], v("prk_out_updated")));
				assert.equal(toHex(exporter.export(0, NONE, 16)), v("oscore_secret_key_update_raw"));
				assert.equal(toHex(exporter.export(1, NONE, 8)), v("oscore_salt_key_update_raw"));
			});

			it(`${name}: its keys and credentials complete a session of RFC 9528`, () => {
				const own = (role: "i" | "r"): OwnCredential => ({
					...form(certificateOf(b(`cred_${role}`))),
					...signer(provider, ES256, b(`sk_${role}_raw`)),
				});
				const find = (role: "i" | "r") => (): PeerCredential => ({
					cred: x509Cred(certificateOf(b(`cred_${role}`))),
					algorithm: ES256,
					publicKey: b(`pk_${role}_raw`),
				});
				const take = (secret: string) => ({ take: () => new Ephemeral(provider, "p256", b(secret)) });
				const common = { crypto: provider, suites: [2] };
				const initiator = new Initiator({
					...common,
					credentials: [own("i")],
					connectionId: b("c_i"),
					ephemerals: take("x_raw"),
				});
				const responder = new Responder({
					...common,
					credentials: [own("r")],
					connectionId: b("c_r"),
					ephemerals: take("y_raw"),
				});
				responder.processMessage1(initiator.message1());
				initiator.processMessage2(responder.message2(), find("r"));
				responder.processMessage3(initiator.message3(), find("i"));
				initiator.processMessage4(responder.message4());
				const secret = initiator.export(0, NONE, 16);
				assert.isTrue(equal(secret, responder.export(0, NONE, 16)));
			});
		}
	});

	describe(`EDHOC suite 2, RFC 9529 3.4, ${provider.name}`, () => {
		it("TH_2 and PRK_2e of the second trace, whose beginning is the same for every method", () => {
			const crypto = new RecordingCrypto(provider);
			const ephemeral = new Ephemeral(
				crypto,
				"p256",
				fromHex("e2f4126777205e853b437d6eaca1e1f753cdcc3e2c69fa884b0a1a640977e418"),
			);
			const message1 = "0382060258208af6f430ebe18d34184017a9a11bf511c8dff8f834730b96c1b7c8dbca2fc3b637";
			const gXY = ephemeral.agree(fromHex(message1).subarray(6, 38));
			assert.equal(toHex(gXY), "2f0cb7e860ba538fbf5c8bded009f6259b4b628fe1eb7dbe9378e5ecf7a824ba");
			const hash = crypto.sha256(fromHex(message1));
			const schedule = new Schedule(crypto, SUITE_2, new CborWriter(), gXY, ephemeral.publicKey, hash);
			const th2 = "356efd53771425e008f3fe3a86c83ff4c6b16e57028ff39d5236c182b202084b";
			const prk2e = "5aa0d69f3e3d1e0c479f0b8a486690c9802630c3466b1dc92371c982563170b5";
			assert.isTrue(crypto.said.some((call) => call.startsWith("sha256(") && call.endsWith(` = ${th2}`)));
			assert.isTrue(
				crypto.said.some((call) => call.startsWith(`hmacSha256(${th2}, `) && call.endsWith(prk2e)),
			);
			schedule.wipe();
		});
	});
}

/** The DER inside CRED_x of an X.509 certificate. */
function certificateOf(cred: Uint8Array): Uint8Array {
	return cred.subarray(3);
}

function writing(
	connectionId: Uint8Array | undefined,
	idCred: Uint8Array,
	signature: Uint8Array,
): Uint8Array {
	const writer = new CborWriter();
	writePlaintext(writer, connectionId, idCred, signature, NONE);
	return concat(writer.view());
}
