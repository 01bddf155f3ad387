-- What the model learns from: everyone aboard, one row each. Run again for every training interval.
select id, class, sex, age, survived
from titanic.passengers
order by id
