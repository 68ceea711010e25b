// What a script adds to the phone page: the seconds of the countdown, the picture of the camera, and one tap for two.
// The picture goes to the video element and nowhere else. Without this file the page works all the same.
"use strict";

// --- the countdown: the mock has the only clock, so at zero it is asked ---------------------------------------------

const timer = document.querySelector("[data-left-ms]");
if (timer) {
  const end = Date.now() + Number(timer.dataset.leftMs);
  const notice = document.querySelector("[data-minute-left]");
  let asked = false;
  const tick = () => {
    const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
    const digits = (number) => String(number).padStart(2, "0");
    timer.textContent = `${digits(Math.floor(left / 60))}:${digits(left % 60)}`;
    if (left <= 60 && !notice.textContent) notice.textContent = notice.dataset.minuteLeft;
    if (left === 0 && !asked) {
      asked = true;
      location.reload();
    }
  };
  tick();
  setInterval(tick, 1000);
}

// --- a page that comes back from the browser's own store may be out of date -----------------------------------------

addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

// --- a second tap on Complete would find the link used --------------------------------------------------------------

for (const form of document.querySelectorAll("form[data-once]")) {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
}

// --- the camera -----------------------------------------------------------------------------------------------------

const video = document.querySelector("video");
if (video) {
  const drawing = document.querySelector(".drawing");
  let stream = null;
  let gone = false;

  const say = (state) => {
    for (const line of document.querySelectorAll("[data-camera]")) line.hidden = line.dataset.camera !== state;
    video.hidden = state !== "live";
    drawing.toggleAttribute("hidden", state === "live");
  };

  const stop = () => {
    for (const track of stream ? stream.getTracks() : []) track.stop();
    stream = video.srcObject = null;
  };

  const start = async () => {
    if (!window.isSecureContext) return say("insecure");
    if (!navigator.mediaDevices) return say("missing");
    say("asking");
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: "user" } });
    } catch (error) {
      return say(error.name === "NotAllowedError" ? "refused" : "missing");
    }
    if (gone) return stop();
    for (const track of stream.getTracks()) {
      track.addEventListener("ended", () => {
        stop();
        say("missing");
      });
    }
    video.srcObject = stream;
    say("live");
  };

  addEventListener("pagehide", () => {
    gone = true;
    stop();
  });
  start();
}
