(function () {
  "use strict";
  var box = document.querySelector(".look-up");
  if (box) {
    var input = box.querySelector("input"), count = box.querySelector("output");
    var cards = Array.from(document.querySelectorAll(".customer"));
    var words = cards.map(function (card) { return card.textContent.toLowerCase(); });
    box.hidden = false;
    input.addEventListener("input", function () {
      var wanted = input.value.trim().toLowerCase(), found = 0;
      cards.forEach(function (card, place) {
        var fits = words[place].includes(wanted);
        card.hidden = !fits;
        card.open = fits && (wanted ? found < 3 : place === 0);
        found += fits;
      });
      count.textContent = wanted ? found + " of " + cards.length : "";
    });
  }
})();
