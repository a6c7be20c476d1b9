// SPDX-License-Identifier: Apache-2.0

import { words } from "../words.js";

export const signInWords = words({
	en: {
		title: "Sign in",
		byPasskey: "Sign in with a passkey",
		passkeyText: "Your phone, your computer or a security key shows who you are: no password to type.",
		noPasskey: "Passkeys are not possible at this address.",
		passkeyPlace: "Open the same page by its name",
		byPassword: "With a password",
		login: "Name or e-mail address",
		password: "Password",
		signIn: "Sign in",
		byCode: "With a recovery code",
		codeText: "One of the codes that you wrote down when you signed up. Each is good once.",
		code: "Recovery code",
		lost: "Is all of this lost? Another owner gives you a new link; or whoever looks after the server does, by “lintel site owner reset”.",
		confirmTitle: "Is it still you?",
		confirmText: "What you are about to do can open doors or give rights. Show again who you are.",
		confirmPasskey: "Confirm with a passkey",
		confirm: "Confirm",
	},
	de: {
		title: "Anmelden",
		byPasskey: "Mit einem Passkey anmelden",
		passkeyText:
			"Ihr Telefon, Ihr Computer oder ein Sicherheitsschlüssel weist Sie aus: kein Passwort zum Tippen.",
		noPasskey: "An dieser Adresse gehen Passkeys nicht.",
		passkeyPlace: "Dieselbe Seite unter ihrem Namen öffnen",
		byPassword: "Mit einem Passwort",
		login: "Name oder E-Mail-Adresse",
		password: "Passwort",
		signIn: "Anmelden",
		byCode: "Mit einem Wiederherstellungscode",
		codeText: "Einer der Codes, die Sie beim ersten Mal aufgeschrieben haben. Jeder gilt einmal.",
		code: "Wiederherstellungscode",
		lost: "Ist alles verloren? Ein anderer Eigentümer gibt Ihnen einen neuen Link; oder wer den Server betreut, mit „lintel site owner reset“.",
		confirmTitle: "Sind das noch Sie?",
		confirmText: "Was Sie tun wollen, kann Türen öffnen oder Rechte geben. Weisen Sie sich noch einmal aus.",
		confirmPasskey: "Mit einem Passkey bestätigen",
		confirm: "Bestätigen",
	},
});

/** Refusals of signing in, up and again. */
export const signInReasons = words<Readonly<Record<string, string>>>({
	en: {
		"wrong-sign-in": "This is not right. Look at the name and at what you typed.",
		"wrong-password": "This is not your password.",
		"wrong-passkey": "This passkey is not known here, or it took too long. Try again.",
		"passkey-cancelled": "The browser made nothing of it. Try again, or use a password.",
		"passkey-there": "This device has a passkey of yours already.",
		"too-many-tries": "Too many wrong tries. Wait some minutes, or use a passkey, which always works.",
		"no-link": "This link was used or has ended. Ask for another.",
		"login-taken": "Someone else signs in by this name. Choose another.",
		"last-way": "Add another passkey or a password first: this is your last way in.",
		"last-owner": "The site needs an owner who can sign in. Make another person an owner first.",
	},
	de: {
		"wrong-sign-in": "Das stimmt so nicht. Prüfen Sie den Namen und Ihre Eingabe.",
		"wrong-password": "Das ist nicht Ihr Passwort.",
		"wrong-passkey":
			"Dieser Passkey ist hier nicht bekannt, oder es hat zu lange gedauert. Versuchen Sie es noch einmal.",
		"passkey-cancelled":
			"Der Browser hat abgebrochen. Versuchen Sie es noch einmal, oder nehmen Sie ein Passwort.",
		"passkey-there": "Dieses Gerät hat schon einen Passkey von Ihnen.",
		"too-many-tries":
			"Zu viele falsche Versuche. Warten Sie einige Minuten, oder nehmen Sie einen Passkey, der immer geht.",
		"no-link": "Dieser Link wurde benutzt oder ist abgelaufen. Bitten Sie um einen neuen.",
		"login-taken": "Unter diesem Namen meldet sich schon jemand an. Wählen Sie einen anderen.",
		"last-way": "Fügen Sie zuerst einen anderen Passkey oder ein Passwort hinzu: das ist Ihr letzter Zugang.",
		"last-owner":
			"Die Anlage braucht einen Eigentümer, der sich anmelden kann. Machen Sie zuerst jemand anderen dazu.",
	},
});
