"use strict";
(function () {
  const figures = JSON.parse(document.getElementById("figures").textContent);
  const options = { responsive: true, displayModeBar: false };
  const drawn = [];
  for (const [name, figure] of Object.entries(figures)) {
    const place = document.getElementById("chart-" + name);
    drawn.push(Plotly.newPlot(place, figure.data, figure.layout, options).then(() => place.classList.add("drawn")));
  }
  const fit = () => document.querySelectorAll(".drawn").forEach((place) => Plotly.Plots.resize(place));
  window.addEventListener("beforeprint", fit);
  window.addEventListener("afterprint", fit);
  Promise.all(drawn).then(() => document.body.setAttribute("data-charts", String(drawn.length)));
})();
